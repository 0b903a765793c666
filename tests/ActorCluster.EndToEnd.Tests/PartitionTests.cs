using System.Text.Json;
using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>Worker processes that run on and are cut off, and workers that come later; on a cluster of their own.</summary>
public sealed class PartitionTests : IAsyncLifetime
{
    private const string Welcome = "<title>Welcome to nginx!</title>";
    private const string Manifest = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: server
          labels: {app: server}
        spec:
          nodeSelector: {kubernetes.io/hostname: worker-3}
          # It stays while its node is out of reach.
          tolerations: [{operator: Exists}]
          containers:
          - name: nginx
            image: nginx
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: server
        spec:
          type: NodePort
          selector: {app: server}
          ports: [{port: 80}]
        """;

    private readonly UserHome _home = new();
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await _home.UpAsync("partition", "--workers", "3");

    public async Task DisposeAsync() => await _home.DisposeAsync();

    [Fact]
    public async Task Workers_that_are_cut_off_from_the_control_plane_serve_each_other_s_pods_and_both_sides_heal_without_a_restart()
    {
        await ServeAsync();
        var processes = _home.Processes().Order().ToList();
        var pod = IdentityOf(await _cluster.GetAsync("pod", "server"));

        foreach (var worker in (string[])["worker-2", "worker-3"])
            (await _cluster.ActorClusterAsync("node", "partition", worker)).ShouldSucceed().Output.ShouldContain($"{worker} is cut off from control-plane.");

        foreach (var worker in (string[])["worker-2", "worker-3"]) await _cluster.SeeAsync("NotReady", "get", "node", worker, "--no-headers");
        (await _cluster.KubectlAsync("get", "node", "worker-1", "--no-headers")).ShouldSucceed().Output.ShouldMatch(@"^worker-1\s+Ready\s");
        await _cluster.SeeAsync("Kubelet stopped posting node status.", "describe", "node", "worker-3");
        // Its pod left the endpoints of those who can hear it.
        await Eventually.SeeAsync(
            async () => (await _cluster.GetAsync("endpointslices", "-l", "kubernetes.io/service-name=server")).GetProperty("items").EnumerateArray()
                .SelectMany(slice => slice.GetProperty("endpoints").EnumerateArray()).Select(endpoint => endpoint.GetProperty("conditions").GetProperty("ready").GetBoolean()).ToList(),
            ready => ready.Count > 0 && ready.TrueForAll(one => !one), "no endpoint is ready");
        // On the other side it serves, from the node port of one cut-off worker to the pod of the other.
        for (var request = 0; request < 8; request++) (await AskAsync("worker-2")).ShouldContain(Welcome);
        var status = (await _cluster.ActorClusterAsync("status")).ShouldExitWith(1).Output;
        status.ShouldMatch(@"worker-3\s.*running, cut off from control-plane\s");
        (await _cluster.KubectlAsync("describe", "node", "worker-2")).ShouldSucceed().Output.ShouldMatch(@"NetworkPartitioned\s.*Process worker-2 was cut off from control-plane");

        foreach (var worker in (string[])["worker-2", "worker-3"])
            (await _cluster.ActorClusterAsync("node", "heal", worker)).ShouldSucceed().Output.ShouldContain($"{worker} is not cut off from control-plane any more.");

        await SeeAllWellAsync();
        _home.Processes().Order().ShouldBe(processes);
        await Eventually.SeeAsync(() => _cluster.GetAsync("pod", "server"), IsReady, "the pod is ready");
        IdentityOf(await _cluster.GetAsync("pod", "server")).ShouldBe(pod);
        (await _cluster.KubectlAsync("exec", "server", "--", "hostname")).ShouldSucceed().Output.Trim().ShouldBe("server");
        await _cluster.ServiceIsKnownAsync("server", "app=server");
        (await AskAsync("worker-1")).ShouldContain(Welcome);
        (await _cluster.KubectlAsync("get", "events", "--field-selector", "involvedObject.name=worker-2")).ShouldSucceed().Output.ShouldContain("NetworkHealed");
    }

    [Fact]
    public async Task Workers_cut_off_from_each_other_stay_Ready_and_their_pods_do_not_reach_each_other_until_that_is_healed()
    {
        await ServeAsync();
        await RunAskerAsync("worker-2");
        var server = (await _cluster.GetAsync("pod", "server")).GetProperty("status").GetProperty("podIP").GetString()!;
        (await _cluster.KubectlAsync("exec", "asker", "--", "curl", "-s", "-m", "60", server)).ShouldSucceed().Output.ShouldContain(Welcome);

        (await _cluster.ActorClusterAsync("node", "partition", "worker-2", "--from", "worker-3")).ShouldSucceed();

        (await _cluster.KubectlAsync("exec", "asker", "--", "curl", "-sS", "-m", "3", server)).ShouldExitWith(28).Error.ShouldContain("timed out"); // lost, not refused
        (await AskAsync("worker-1")).ShouldContain(Welcome);
        (await _cluster.KubectlAsync("get", "nodes", "--no-headers")).ShouldSucceed().Output.ShouldNotContain("NotReady");
        (await _cluster.ActorClusterAsync("node", "partition", "worker-3", "--from", "worker-2")).ShouldFailWith(1, "worker-3 is cut off from worker-2 already", "node heal");

        (await _cluster.ActorClusterAsync("node", "heal", "worker-3")).ShouldSucceed().Output.ShouldContain("worker-3 is not cut off from worker-2 any more.");

        (await _cluster.KubectlAsync("exec", "asker", "--", "curl", "-s", "-m", "60", server)).ShouldSucceed().Output.ShouldContain(Welcome);
    }

    [Fact]
    public async Task A_worker_stays_cut_off_when_the_control_plane_or_it_itself_is_started_anew()
    {
        (await _cluster.ActorClusterAsync("node", "partition", "worker-2")).ShouldSucceed();
        await _cluster.SeeAsync("NotReady", "get", "node", "worker-2", "--no-headers");

        (await _cluster.ActorClusterAsync("node", "kill", "control-plane")).ShouldSucceed();
        (await _cluster.ActorClusterAsync("node", "start", "control-plane", "--timeout", "4m")).ShouldSucceed();

        await Eventually.SeeAsync(() => _cluster.KubectlAsync("get", "nodes", "--no-headers"), seen => seen.Lines.Count(line => line.Contains(" Ready ", StringComparison.Ordinal)) == 2, "the two others are Ready");
        (await _cluster.KubectlAsync("get", "node", "worker-2", "--no-headers")).ShouldSucceed().Output.ShouldContain("NotReady");
        (await _cluster.ActorClusterAsync("node", "kill", "worker-2")).ShouldSucceed();
        (await _cluster.ActorClusterAsync("node", "start", "worker-2")).ShouldFailWith(1, "worker-2 is cut off from the control plane", "node heal worker-2");
        (await _cluster.ActorClusterAsync("node", "heal", "worker-2")).ShouldSucceed();
        (await _cluster.ActorClusterAsync("node", "start", "worker-2", "--timeout", "4m")).ShouldSucceed();
        await SeeAllWellAsync();
    }

    [Fact]
    public async Task A_worker_that_is_added_is_a_node_like_the_others_and_comes_back_like_them()
    {
        await ServeAsync();

        (await _cluster.ActorClusterAsync("node", "add", "--timeout", "4m")).ShouldSucceed().Output.ShouldContain("worker-4 was added: worker-4 is Ready.");

        (await _cluster.KubectlAsync("get", "node", "worker-4", "--no-headers")).ShouldSucceed().Output.ShouldMatch(@"^worker-4\s+Ready\s");
        (await _cluster.ActorClusterAsync("node", "add", "worker-4")).ShouldFailWith(1, "has a process 'worker-4' already");
        await RunAskerAsync("worker-4");
        await _cluster.NamesAreAnsweredAsync();
        await _cluster.ServiceIsKnownAsync("server", "app=server");
        (await _cluster.KubectlAsync("exec", "asker", "--", "curl", "-s", "-m", "60", "http://server")).ShouldSucceed().Output.ShouldContain(Welcome);

        (await _cluster.ActorClusterAsync("node", "kill", "worker-4")).ShouldSucceed();
        await _cluster.SeeAsync("NotReady", "get", "node", "worker-4", "--no-headers");
        (await _cluster.ActorClusterAsync("node", "start", "worker-4", "--timeout", "4m")).ShouldSucceed();
        await SeeAllWellAsync();
    }

    /// <summary>A web server on worker-3, to be reached by a node port of every node.</summary>
    private async Task ServeAsync()
    {
        (await _cluster.KubectlWithInputAsync(Manifest, "apply", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/server", "--timeout=240s")).ShouldSucceed();
        await _cluster.ServiceIsKnownAsync("server", "app=server");
        foreach (var node in (string[])["worker-1", "worker-2", "worker-3"])
            await Eventually.SeeAsync(() => Task.FromResult(_cluster.Folder.ReadSockets(node).Count), sockets => sockets > 0, $"a socket of {node}");
    }

    private async Task RunAskerAsync(string node)
    {
        var overrides = $$"""{"apiVersion":"v1","spec":{"nodeSelector":{"kubernetes.io/hostname":"{{node}}"} } }""";
        (await _cluster.KubectlAsync("run", "asker", "--image=curlimages/curl", $"--overrides={overrides}", "--", "sleep", "3600")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/asker", "--timeout=240s")).ShouldSucceed();
    }

    /// <summary>From this machine, by the node port of a node: the control plane has no part in it.</summary>
    private async Task<string> AskAsync(string node)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        return await client.GetStringAsync(new Uri($"http://{_cluster.Folder.ReadSockets(node)[0].Address}/"));
    }

    private Task<CommandResult> SeeAllWellAsync() => Eventually.SeeAsync(() => _cluster.ActorClusterAsync("status"), status => status.ExitCode == 0, "all processes run and all nodes are Ready");

    private static bool IsReady(JsonElement pod) =>
        pod.GetProperty("status").GetProperty("conditions").EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True");

    private static (string? Uid, int Restarts) IdentityOf(JsonElement pod) => (
        pod.GetProperty("metadata").GetProperty("uid").GetString(), pod.GetProperty("status").GetProperty("containerStatuses")[0].GetProperty("restartCount").GetInt32());
}
