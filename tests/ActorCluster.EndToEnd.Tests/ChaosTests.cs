using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>Chaos Mesh's experiments, applied by kubectl to running pods.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class ChaosTests(SharedCluster shared)
{
    private const string Partition = """
        apiVersion: chaos-mesh.org/v1alpha1
        kind: NetworkChaos
        metadata: {name: cut}
        spec:
          action: partition
          mode: all
          selector: {labelSelectors: {run: client}}
          direction: both
          target: {mode: all, selector: {labelSelectors: {app: web}}}
        """;

    private const string Latency = """
        apiVersion: chaos-mesh.org/v1alpha1
        kind: NetworkChaos
        metadata: {name: slow}
        spec: {action: delay, mode: all, selector: {labelSelectors: {run: client}}, delay: {latency: 300ms}}
        """;

    private const string Kills = """
        apiVersion: chaos-mesh.org/v1alpha1
        kind: Schedule
        metadata: {name: kills}
        spec:
          schedule: "@every 1s"
          historyLimit: 1
          type: PodChaos
          podChaos: {action: container-kill, mode: one, containerNames: [c], selector: {pods: {chaos: [web-2]}}}
        """;

    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task Packets_are_dropped_and_delayed_and_containers_killed_until_the_experiments_are_deleted()
    {
        await using var shop = await Shop.OpenAsync(_cluster, "chaos");

        await shop.ApplyAsync(Partition);
        (await shop.SeeAsync("=> dropped (Fault): NetworkChaos chaos/cut: drops everything\n", "pod/client", "svc/web:http")).ShouldExitWith(1);
        (await FetchAsync()).ShouldExitWith(1).Error.ShouldContain("timed out");
        await DeleteAsync("networkchaos", "cut");
        await shop.SeeAsync("=> delivered\n", "pod/client", "svc/web:http");
        (await FetchAsync()).ShouldSucceed();

        await shop.ApplyAsync(Latency);
        await shop.SeeAsync("fault      NetworkChaos chaos/slow: delays by 300 ms\n", "pod/client", "pod/web-2");
        var address = (await _cluster.GetAsync("pod", "web-2", "-n", "chaos")).GetProperty("status").GetProperty("podIP").GetString()!;
        var ping = (await _cluster.KubectlAsync("exec", "-n", "chaos", "client", "--", "ping", "-c", "1", address)).ShouldSucceed().Output;
        double.Parse(ping.Split("time=")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(300);
        await DeleteAsync("networkchaos", "slow");

        await shop.ApplyAsync(Kills);
        await Eventually.SeeAsync(() => _cluster.KubectlAsync("get", "pod", "web-2", "-n", "chaos", "-o", "jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}"),
            result => result.Output == "137", "the container was killed");
        await DeleteAsync("schedule", "kills");
        (await _cluster.KubectlAsync("wait", "--for=delete", "podchaos", "--all", "-n", "chaos", "--timeout=240s")).ShouldSucceed();
    }

    private Task<CommandResult> FetchAsync() => _cluster.KubectlAsync("exec", "-n", "chaos", "client", "--", "wget", "-qO-", "-T", "2", "http://web:8080");

    private async Task DeleteAsync(string kind, string name) => (await _cluster.KubectlAsync("delete", kind, name, "-n", "chaos", "--timeout=240s")).ShouldSucceed();
}
