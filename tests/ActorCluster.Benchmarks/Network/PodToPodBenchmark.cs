using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Network;

/// <summary>What the data path costs on top of the actors it is made of.</summary>
internal sealed class PodToPodBenchmark : IBenchmark
{
    public string Id => "packets-node";
    public string Subject => "packets a second, pod to node to pod in one process";
    public string Yardstick => "a bare Akka chain of as many actors passing an empty message";
    public Bar Bar => Bar.AtLeast(0.5);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var path = new NodePath();
        return await SideBySide.MeasureAsync(settings, "packets/s",
            () => path.ThroughNodeAsync(ManyServices.Tables(1), ManyServices.Server, settings.Turn, cancellationToken),
            () => path.ThroughBareChainAsync(settings.Turn, cancellationToken));
    }
}
