using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Network;

/// <summary>What a ClusterIP costs once conntrack knows the flow.</summary>
internal sealed class ServiceFlowBenchmark : IBenchmark
{
    public string Id => "packets-service";
    public string Subject => "packets a second through a ClusterIP, after a flow's first packet";
    public string Yardstick => "without the service";
    public Bar Bar => Bar.AtLeast(0.9);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var path = new NodePath();
        var tables = ManyServices.Tables(1);
        return await SideBySide.MeasureAsync(settings, "packets/s",
            () => path.ThroughNodeAsync(tables, ManyServices.ClusterIp(0), settings.Turn, cancellationToken),
            () => path.ThroughNodeAsync(tables, ManyServices.Server, settings.Turn, cancellationToken));
    }
}
