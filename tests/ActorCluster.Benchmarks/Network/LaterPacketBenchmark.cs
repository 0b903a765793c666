using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Network;

/// <summary>What the number of services costs the packets after a flow's first.</summary>
internal sealed class LaterPacketBenchmark : IBenchmark
{
    public string Id => "later-packets";
    public string Subject => $"a packet of a known flow, pod to node to pod, with {ManyServices.Many:N0} services";
    public string Yardstick => $"with {ManyServices.Few} services";
    public Bar Bar => Bar.AtMost(1.05, "times");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var path = new NodePath();
        var (many, few) = (ManyServices.Tables(ManyServices.Many), ManyServices.Tables(ManyServices.Few));
        return await SideBySide.MeasureAsync(settings, "ns",
            async () => 1e9 / await path.ThroughNodeAsync(many, ManyServices.ClusterIp(0), settings.Turn, cancellationToken),
            async () => 1e9 / await path.ThroughNodeAsync(few, ManyServices.ClusterIp(0), settings.Turn, cancellationToken));
    }
}
