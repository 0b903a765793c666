using System.Text.Json;
using ActorCluster.EndToEnd.Tests.Support;
using k8s;
using k8s.Models;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>Processes that die, and what is left of the cluster then; on a cluster of their own.</summary>
public sealed class NodeLossTests : IAsyncLifetime
{
    private const string Welcome = "<title>Welcome to nginx!</title>";
    private readonly UserHome _home = new();
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await _home.UpAsync("loss", "--workers", "3");

    public async Task DisposeAsync() => await _home.DisposeAsync();

    [Fact]
    public async Task A_killed_worker_s_pods_run_elsewhere_and_their_service_answers_and_it_comes_back()
    {
        (await _cluster.KubectlAsync("create", "deployment", "web", "--image=nginx", "--replicas=3")).ShouldSucceed();
        (await _cluster.KubectlAsync("expose", "deployment", "web", "--port=80")).ShouldSucceed();
        (await _cluster.KubectlAsync("rollout", "status", "deployment/web", "--timeout=240s")).ShouldSucceed();
        var before = await _cluster.ReadyPodsAsync("app=web");
        var victim = before[0].Node;
        var survivor = victim == "worker-1" ? "worker-2" : "worker-1";
        // The client has to live on.
        (await _cluster.KubectlAsync("run", "client", "--image=curlimages/curl", $"--overrides={On(survivor)}", "--", "sleep", "3600")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/client", "--timeout=240s")).ShouldSucceed();
        await ServiceIsKnownAsync();
        (await AskServiceAsync()).Output.ShouldContain(Welcome);

        (await _cluster.ActorClusterAsync("node", "kill", victim)).ShouldSucceed().Output.ShouldContain("was killed");

        await Eventually.SeeAsync(() => _cluster.KubectlAsync("get", "node", victim, "--no-headers"),
            seen => seen.Output.Contains("NotReady", StringComparison.Ordinal), $"{victim} is NotReady");
        await Eventually.SeeAsync(() => _cluster.ReadyPodsAsync("app=web"),
            pods => pods.Count(pod => pod.Node != victim) == 3, "three ready replicas on the other nodes");
        await ServiceIsKnownAsync();
        for (var request = 0; request < 8; request++) (await AskServiceAsync()).Output.ShouldContain(Welcome);
        (await _cluster.ActorClusterAsync("status")).ShouldExitWith(1).Output.ShouldContain("not running");
        (await _cluster.ActorClusterAsync("node", "kill", victim)).ShouldFailWith(3, $"{victim} does not run", "actorcluster node start");

        (await _cluster.ActorClusterAsync("node", "start", victim, "--timeout", "4m")).ShouldSucceed().Output.ShouldContain($"{victim} is back.");

        (await _cluster.KubectlAsync("get", "node", victim, "--no-headers")).ShouldSucceed().Output.ShouldMatch($@"^{victim}\s+Ready\s");
        await _cluster.SeeAsync($"Node {victim} has been rebooted, boot id: ", "get", "events", "--field-selector", $"involvedObject.name={victim},reason=Rebooted");
        await SeeAllWellAsync();
        (await _cluster.ActorClusterAsync("node", "start", victim)).ShouldFailWith(1, $"{victim} already runs");
        // It takes pods again, and they reach the others.
        (await _cluster.KubectlAsync("run", "returned", "--image=curlimages/curl", $"--overrides={On(victim)}", "--", "sleep", "3600")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/returned", "--timeout=240s")).ShouldSucceed();
        await ServiceIsKnownAsync();
        (await _cluster.KubectlAsync("exec", "returned", "--", "curl", "-s", "-m", "60", "http://web")).ShouldSucceed().Output.ShouldContain(Welcome);
    }

    [Fact]
    public async Task A_paused_worker_is_NotReady_and_learns_when_it_goes_on_which_pods_were_replaced()
    {
        (await _cluster.KubectlAsync("create", "deployment", "stay", "--image=nginx", "--replicas=3")).ShouldSucceed();
        (await _cluster.KubectlAsync("rollout", "status", "deployment/stay", "--timeout=240s")).ShouldSucceed();
        var (replaced, victim) = (await _cluster.ReadyPodsAsync("app=stay"))[0];
        var address = (await _cluster.GetAsync("pod", replaced)).GetProperty("status").GetProperty("podIP").GetString()!;
        var survivor = victim == "worker-1" ? "worker-2" : "worker-1";
        (await _cluster.KubectlAsync("run", "asker", "--image=curlimages/curl", $"--overrides={On(survivor)}", "--", "sleep", "3600")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/asker", "--timeout=240s")).ShouldSucceed();
        (await AskAsync()).ShouldSucceed().Output.ShouldContain(Welcome);

        (await _cluster.ActorClusterAsync("node", "pause", victim)).ShouldSucceed().Output.ShouldContain("was paused");

        (await _cluster.ActorClusterAsync("node", "pause", victim)).ShouldFailWith(1, $"{victim} is paused already", "actorcluster node resume");
        (await _cluster.ActorClusterAsync("node", "start", victim)).ShouldFailWith(1, $"{victim} is paused", "actorcluster node resume");
        // Of several either all are fit for it, or nothing is done to any.
        (await _cluster.ActorClusterAsync("node", "pause", survivor, victim)).ShouldFailWith(1, $"{victim} is paused already");
        (await _cluster.ActorClusterAsync("status")).ShouldExitWith(1).Output.ShouldMatch($@"{victim}\s.*\spaused\s");
        await _cluster.SeeAsync("NotReady", "get", "node", victim, "--no-headers");
        await Eventually.SeeAsync(() => _cluster.ReadyPodsAsync("app=stay"), pods => pods.Count(pod => pod.Node != victim) == 3, "three ready replicas on the other nodes");

        (await _cluster.ActorClusterAsync("node", "resume", victim)).ShouldSucceed().Output.ShouldContain("was resumed");

        await Eventually.SeeAsync(() => _cluster.KubectlAsync("get", "node", victim, "--no-headers"), seen => !seen.Output.Contains("NotReady", StringComparison.Ordinal), $"{victim} is Ready");
        (await _cluster.KubectlAsync("wait", "--for=delete", $"pod/{replaced}", "--timeout=240s")).ShouldSucceed();
        (await AskAsync()).ExitCode.ShouldNotBe(0); // what ran there has ended
        (await _cluster.ActorClusterAsync("node", "resume", victim)).ShouldFailWith(1, $"{victim} is not paused");
        await SeeAllWellAsync();

        // Also processes that are paused are taken down at once.
        (await _cluster.ActorClusterAsync("node", "pause", victim, survivor)).ShouldSucceed().Output.ShouldMatch($@"(?s){victim} .*was paused.*{survivor} .*was paused");

        Task<CommandResult> AskAsync() => _cluster.KubectlAsync("exec", "asker", "--", "curl", "-s", "-m", "60", address);
    }

    [Fact]
    public async Task A_killed_control_plane_comes_back_with_every_acknowledged_write_and_pods_do_not_notice()
    {
        (await _cluster.KubectlAsync("run", "server", "--image=nginx")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/server", "--timeout=240s")).ShouldSucceed();
        var workers = _home.Processes().Count;
        var before = await _cluster.GetAsync("pod", "server");
        using var stop = new CancellationTokenSource();
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(_cluster.Kubeconfig));
        var enough = new TaskCompletionSource();
        var writers = Enumerable.Range(0, 4).Select(writer => WriteUntilRefusedAsync(client, writer, enough, stop.Token)).ToList();
        await enough.Task.WaitAsync(Command.Limit);

        (await _cluster.ActorClusterAsync("node", "kill", "control-plane")).ShouldSucceed();

        await stop.CancelAsync();
        var acknowledged = (await Task.WhenAll(writers)).SelectMany(names => names).ToList();
        _home.Processes().Count.ShouldBe(workers - 1);
        (await _cluster.KubectlAsync("get", "nodes")).ShouldExitWith(1);
        (await _cluster.ActorClusterAsync("status")).ShouldExitWith(1).Output.ShouldContain("does not answer");
        // Whatever needs it says at once what is wrong, and which command helps.
        var helps = $"node start control-plane --name {_cluster.Folder.Name}`";
        foreach (var command in (string[][])[["services"], ["trace", "pod/server", "10.96.0.1:443"], ["node", "add"]])
            (await _cluster.ActorClusterAsync(command)).ShouldFailWith(3, "does not run", helps);
        (await _home.ActorClusterAsync("up", "--name", _cluster.Folder.Name)).ShouldFailWith(1, "does not run", helps);

        (await _cluster.ActorClusterAsync("node", "start", "control-plane", "--timeout", "4m")).ShouldSucceed();

        var there = (await _cluster.GetAsync("configmaps")).GetProperty("items").EnumerateArray().Select(NameOf).ToList();
        acknowledged.ShouldBeSubsetOf(there);
        await SeeAllWellAsync();
        var after = await _cluster.GetAsync("pod", "server");
        IdentityOf(after).ShouldBe(IdentityOf(before));
        // It goes on: new pods are placed and run, and reach the old ones.
        var address = after.GetProperty("status").GetProperty("podIP").GetString()!;
        (await _cluster.KubectlAsync("run", "later", "--image=curlimages/curl", "--rm", "-i", "--restart=Never", "--", "curl", "-s", "-m", "60", address))
            .ShouldSucceed().Output.ShouldContain(Welcome);
    }

    private Task<CommandResult> SeeAllWellAsync() => Eventually.SeeAsync(() => _cluster.ActorClusterAsync("status"), status => status.ExitCode == 0, "all processes run and all nodes are Ready");

    /// <summary>Creates ConfigMaps one after the other, until the server is gone.</summary>
    /// <returns>Those that the server said it has.</returns>
    private static async Task<IReadOnlyList<string>> WriteUntilRefusedAsync(Kubernetes client, int writer, TaskCompletionSource enough, CancellationToken stop)
    {
        var acknowledged = new List<string>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var name = $"written-{writer}-{acknowledged.Count}";
                await client.CoreV1.CreateNamespacedConfigMapAsync(
                    new V1ConfigMap { Metadata = new V1ObjectMeta { Name = name }, Data = new Dictionary<string, string> { ["a"] = "b" } }, "default", cancellationToken: stop);
                acknowledged.Add(name);
                if (acknowledged.Count == 50) enough.TrySetResult();
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            enough.TrySetResult(); // the server was killed, as planned
        }

        return acknowledged;
    }

    private async Task ServiceIsKnownAsync()
    {
        await _cluster.NamesAreAnsweredAsync();
        await _cluster.ServiceIsKnownAsync("web", "app=web");
    }

    private Task<CommandResult> AskServiceAsync() => _cluster.KubectlAsync("exec", "client", "--", "curl", "-s", "-m", "60", "http://web");

    private static string On(string node) =>
        $$"""{"apiVersion":"v1","spec":{"nodeSelector":{"kubernetes.io/hostname":"{{node}}"} } }""";

    private static string NameOf(JsonElement item) => item.GetProperty("metadata").GetProperty("name").GetString()!;

    private static (string? Uid, string? Address, int Restarts) IdentityOf(JsonElement pod) => (
        pod.GetProperty("metadata").GetProperty("uid").GetString(),
        pod.GetProperty("status").GetProperty("podIP").GetString(),
        pod.GetProperty("status").GetProperty("containerStatuses")[0].GetProperty("restartCount").GetInt32());
}
