using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.InProcess;
using ActorCluster.Host.Logging;
using k8s.Models;
using Xunit.Abstractions;

namespace ActorCluster.Host.Tests.InProcess;

public sealed class InProcessClusterTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task All_nodes_become_ready_and_a_pod_runs_on_one_of_them()
    {
        using var patience = new CancellationTokenSource(Patience);
        var simulation = SimulationContext.RealTime(1);
        await using var cluster = await InProcessCluster.StartAsync(
            new InProcessOptions { Nodes = ["a", "b"] }, simulation, new ProcessLog(new TestWriter(output), simulation.Clock), patience.Token);
        var client = new KubeClient(cluster.Api, "test");
        await UntilAsync<V1Node>(cluster, simulation, nodes => nodes.Count(IsReady) == 2, patience.Token);
        await client.CreateAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default" },
                Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "registry.k8s.io/pause" }] },
            }, patience.Token);
        await UntilAsync<V1Pod>(cluster, simulation, pods => pods.Any(pod => pod.Metadata.Name == "p" && pod.Status?.Phase == "Running"), patience.Token);
        var pod = await client.GetAsync<V1Pod>("default", "p", patience.Token);
        pod!.Spec.NodeName.ShouldBeOneOf("a", "b");
        pod.Status.PodIP.ShouldStartWith("10.244.");
    }

    private static bool IsReady(V1Node node) => node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false;

    private static async Task UntilAsync<T>(
        InProcessCluster cluster, SimulationContext simulation, Func<IReadOnlyCollection<T>, bool> condition, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var informer = new Informer<T>(cluster.Api, simulation);
        informer.Changed += (_, _) =>
        {
            if (condition(informer.List())) done.TrySetResult();
        };
        informer.Start();
        await done.Task.WaitAsync(cancellationToken);
    }

    private sealed class TestWriter(ITestOutputHelper output) : StringWriter
    {
        public override void WriteLine(string? value) => output.WriteLine(value);
    }
}
