using System.Net;
using System.Text;
using ActorCluster.EndToEnd.Tests.Support;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>Everyday calls of the official C# client, over HTTPS and WebSockets.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class OfficialClientTests(SharedCluster shared) : IAsyncLifetime
{
    private const string Namespace = "official-client";
    private readonly Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(shared.Cluster.Kubeconfig));
    private readonly CancellationTokenSource _limit = new(Command.Limit);

    public Task InitializeAsync() => _client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Namespace } });

    public async Task DisposeAsync()
    {
        await _client.CoreV1.DeleteNamespaceAsync(Namespace);
        (await shared.Cluster.KubectlAsync("wait", "--for=delete", $"namespace/{Namespace}", "--timeout=240s")).ShouldSucceed();
        _client.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task An_informers_loop_lists_page_by_page_and_follows_from_there()
    {
        foreach (var name in (string[])["a", "b", "c"]) await CreateAsync(name);
        var known = new SortedDictionary<string, V1ConfigMap>(StringComparer.Ordinal);
        V1ConfigMapList page;
        string? next = null;
        var pages = 0;
        do
        {
            page = await _client.CoreV1.ListNamespacedConfigMapAsync(Namespace, labelSelector: "app=informer", limit: 2, continueParameter: next);
            foreach (var item in page.Items) known[item.Metadata.Name] = item;
            next = page.Metadata.ContinueProperty;
            pages++;
        }
        while (!string.IsNullOrEmpty(next));
        (pages, string.Concat(known.Keys)).ShouldBe((2, "abc"));

        var following = FollowAsync(known, page.Metadata.ResourceVersion);
        await CreateAsync("d");
        await _client.CoreV1.DeleteNamespacedConfigMapAsync("a", Namespace);
        var changed = await _client.CoreV1.ReadNamespacedConfigMapAsync("b", Namespace);
        changed.Data = new Dictionary<string, string> { ["k"] = "changed" };
        await _client.CoreV1.ReplaceNamespacedConfigMapAsync(changed, "b", Namespace);
        await CreateAsync("last");
        await following;
        string.Join(' ', known.Keys).ShouldBe("b c d last");
        known["b"].Data["k"].ShouldBe("changed");

        var refused = await Should.ThrowAsync<HttpOperationException>(_client.CoreV1.ListNamespacedConfigMapAsync(Namespace, resourceVersion: changed.Metadata.ResourceVersion, resourceVersionMatch: "Strange"));
        refused.Response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        changed.Data["k"] = "stale";
        (await Should.ThrowAsync<HttpOperationException>(_client.CoreV1.ReplaceNamespacedConfigMapAsync(changed, "b", Namespace))).Response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Every_kind_of_patch_does_what_it_says()
    {
        var template = new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "web", Image = "nginx" }] },
        };
        var spec = new V1DeploymentSpec { Replicas = 0, Selector = new V1LabelSelector { MatchLabels = template.Metadata.Labels }, Template = template };
        await _client.AppsV1.CreateNamespacedDeploymentAsync(new V1Deployment { Metadata = new V1ObjectMeta { Name = "web" }, Spec = spec }, Namespace);

        (await PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}""", V1Patch.PatchType.StrategicMergePatch)).ShouldBe("side=busybox web=nginx");
        (await PatchAsync("""[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"alpine"}]""", V1Patch.PatchType.JsonPatch)).ShouldBe("side=alpine web=nginx");
        (await PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"name":"only","image":"httpd"}]}}}}""", V1Patch.PatchType.MergePatch)).ShouldBe("only=httpd");

        var applied = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"template":{"spec":{"containers":[{"name":"only","image":"nginx"}]}}}}""";
        (await Should.ThrowAsync<HttpOperationException>(() => PatchAsync(applied, V1Patch.PatchType.ApplyPatch))).Response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await PatchAsync(applied, V1Patch.PatchType.ApplyPatch, force: true)).ShouldBe("only=nginx");

        var scale = await _client.AppsV1.PatchNamespacedDeploymentScaleAsync(new V1Patch("""{"spec":{"replicas":1}}""", V1Patch.PatchType.MergePatch), "web", Namespace);
        scale.Spec.Replicas.ShouldBe(1);
    }

    [Fact]
    public async Task Exec_and_port_forward_reach_a_pod()
    {
        await _client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod { Metadata = new V1ObjectMeta { Name = "web" }, Spec = new V1PodSpec { TerminationGracePeriodSeconds = 0, Containers = [new V1Container { Name = "web", Image = "nginx" }] } }, Namespace);
        (await shared.Cluster.KubectlAsync("wait", "-n", Namespace, "--for=condition=Ready", "pod/web", "--timeout=240s")).ShouldSucceed();

        var (heard, complaints) = ("", "");
        var exit = await _client.NamespacedPodExecAsync("web", Namespace, "web", ["sh", "-c", "read line; echo heard $line; echo complaint >&2; exit 3"], tty: false, async (stdin, stdout, stderr) =>
        {
            await stdin.WriteAsync("you\n"u8.ToArray(), _limit.Token);
            using var output = new StreamReader(stdout);
            using var errors = new StreamReader(stderr);
            (heard, complaints) = (await output.ReadToEndAsync(_limit.Token), await errors.ReadToEndAsync(_limit.Token));
        }, _limit.Token);
        (exit, heard, complaints).ShouldBe((3, "heard you\n", "complaint\n"));

        (await GetThroughAsync(80)).ShouldContain("Welcome to nginx!");
        (await GetThroughAsync(81)).ShouldContain("connection refused");
    }

    /// <summary>What a port answers, or what its error channel says.</summary>
    private async Task<string> GetThroughAsync(int port)
    {
        using var socket = await _client.WebSocketNamespacedPodPortForwardAsync("web", Namespace, [port], "v4.channel.k8s.io", cancellationToken: _limit.Token);
        using var demuxer = new StreamDemuxer(socket, StreamType.PortForward);
        demuxer.Start();
        await using var stream = demuxer.GetStream((byte?)0, (byte?)0);
        await using var error = demuxer.GetStream((byte?)1, null);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.0\r\n\r\n"), _limit.Token);
        using var answer = new StreamReader(stream);
        using var fault = new StreamReader(error);
        return await answer.ReadToEndAsync(_limit.Token) + await fault.ReadToEndAsync(_limit.Token);
    }

    private Task<V1ConfigMap> CreateAsync(string name) =>
        _client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["app"] = "informer" } } }, Namespace);

    /// <summary>Until "last" is there.</summary>
    private async Task FollowAsync(SortedDictionary<string, V1ConfigMap> known, string revision)
    {
        await foreach (var (type, item) in _client.CoreV1.WatchListNamespacedConfigMapAsync(
            Namespace, labelSelector: "app=informer", resourceVersion: revision, allowWatchBookmarks: true, cancellationToken: _limit.Token))
        {
            if (type is WatchEventType.Added or WatchEventType.Modified) known[item.Metadata.Name] = item;
            else if (type is WatchEventType.Deleted) known.Remove(item.Metadata.Name);
            if (known.ContainsKey("last")) return;
        }
    }

    private async Task<string> PatchAsync(string patch, V1Patch.PatchType type, bool? force = null)
    {
        var applying = type == V1Patch.PatchType.ApplyPatch;
        var patched = await _client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch(patch, type), "web", Namespace, fieldManager: applying ? "applier" : null, force: force);
        return string.Join(' ', patched.Spec.Template.Spec.Containers.Select(container => $"{container.Name}={container.Image}"));
    }
}
