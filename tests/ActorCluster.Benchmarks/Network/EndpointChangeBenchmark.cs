using System.Diagnostics;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;

namespace ActorCluster.Benchmarks.Network;

/// <summary>What the other services cost when one service's endpoints change: the new tables, and a node that takes them over.</summary>
internal sealed class EndpointChangeBenchmark : IBenchmark
{
    public string Id => "endpoint-change";
    public string Subject => $"a change of one service's endpoints, with {ManyServices.Many:N0} services";
    public string Yardstick => $"with {ManyServices.Few} services";
    public Bar Bar => Bar.AtMost(1.5, "times");

    public Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken) =>
        SideBySide.MeasureAsync(settings with { Turns = 1 }, "ns", () => Task.FromResult(Cost(ManyServices.Many, settings.Duration)), () => Task.FromResult(Cost(ManyServices.Few, settings.Duration)));

    private static double Cost(int services, TimeSpan duration)
    {
        var tables = ManyServices.Tables(services);
        var node = new NodeForwarding("n1", NodeAddresses.Of([IpAddress.Parse("172.18.0.2")]), 131072);
        var (changes, clock) = (0L, Stopwatch.StartNew());
        while (clock.Elapsed < duration)
        {
            for (var i = 0; i < ManyServices.Few; i++, changes++)
            {
                tables = tables.WithService(ManyServices.Service(i, targetPort: (ushort)(8000 + changes % 2)));
                node.Replace(tables);
            }
        }
        return clock.Elapsed.TotalNanoseconds / changes;
    }
}
