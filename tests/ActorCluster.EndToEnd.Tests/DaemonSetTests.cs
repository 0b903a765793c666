using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>A DaemonSet, as its user sees it by kubectl.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class DaemonSetTests(SharedCluster shared)
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: logger}
        spec:
          selector: {matchLabels: {app: logger}}
          template:
            metadata: {labels: {app: logger}}
            spec: {terminationGracePeriodSeconds: 1, containers: [{name: main, image: nginx}]}
        """;

    private static readonly string[] Workers = ["worker-1", "worker-2", "worker-3"];

    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task A_daemon_set_runs_on_every_node_is_rolled_out_and_back_and_stays_through_a_drain()
    {
        (await _cluster.KubectlWithInputAsync(Manifest, "apply", "-f", "-")).ShouldSucceed();
        await SeeOnEveryNodeAsync("nginx");

        (await _cluster.KubectlAsync("set", "image", "ds/logger", "main=httpd")).ShouldSucceed();
        await SeeOnEveryNodeAsync("httpd");
        (await _cluster.KubectlAsync("rollout", "history", "ds/logger", "--revision=1")).ShouldSucceed().Output.ShouldContain("nginx");
        (await _cluster.KubectlAsync("rollout", "undo", "ds/logger")).ShouldSucceed();
        await SeeOnEveryNodeAsync("nginx");
        (await _cluster.KubectlAsync("rollout", "history", "ds/logger")).ShouldSucceed().Lines.Count(line => line.StartsWith('2') || line.StartsWith('3')).ShouldBe(2);
        (await _cluster.KubectlAsync("describe", "ds", "logger")).ShouldSucceed().Output.ShouldContain("Number of Nodes Scheduled with Up-to-date Pods: 3");

        var before = await _cluster.ReadyPodsAsync("app=logger");
        var refused = await _cluster.KubectlAsync("drain", "worker-3", "--timeout=240s");
        refused.ExitCode.ShouldNotBe(0);
        refused.Error.ShouldContain("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/logger-");
        (await _cluster.KubectlAsync("drain", "worker-3", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("uncordon", "worker-3")).ShouldSucceed();
        (await _cluster.ReadyPodsAsync("app=logger")).ShouldBe(before);

        (await _cluster.KubectlAsync("delete", "ds", "logger")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=delete", "pod", "-l", "app=logger", "--timeout=240s")).ShouldSucceed();
        await _cluster.NamesAreAnsweredAsync(); // the drain moved a DNS server, which the other tests need
    }

    private async Task SeeOnEveryNodeAsync(string image)
    {
        (await _cluster.KubectlAsync("rollout", "status", "ds/logger", "--timeout=240s")).ShouldSucceed();
        (await _cluster.ReadyPodsAsync("app=logger")).Select(pod => pod.Node).Order().ShouldBe(Workers);
        (await _cluster.KubectlAsync("get", "pods", "-l", "app=logger", "-o", "jsonpath={.items[*].spec.containers[0].image}")).ShouldSucceed()
            .Output.Trim().ShouldBe($"{image} {image} {image}");
    }
}
