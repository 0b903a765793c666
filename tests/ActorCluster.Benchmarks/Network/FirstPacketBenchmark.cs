using System.Diagnostics;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Network;

/// <summary>What the number of services costs a flow's first packet: all that is decided about it, without the hop to the service's actor, which is always the same.</summary>
internal sealed class FirstPacketBenchmark : IBenchmark
{
    private const int FlowsASecondOfTheClock = 10_000;

    public string Id => "first-packet";
    public string Subject => $"a flow's first packet, with {ManyServices.Many:N0} services";
    public string Yardstick => $"with {ManyServices.Few} services";
    public Bar Bar => Bar.AtMost(1.2, "times");

    public Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var (many, few) = (NewNode(ManyServices.Many), NewNode(ManyServices.Few));
        return SideBySide.MeasureAsync(settings, "ns", () => Task.FromResult(Cost(many, settings.Turn)), () => Task.FromResult(Cost(few, settings.Turn)));
    }

    private static NodeForwarding NewNode(int services)
    {
        var node = new NodeForwarding("n1", NodeAddresses.Of([IpAddress.Parse("172.18.0.2")]), 131072);
        node.Replace(ManyServices.Tables(services));
        node.Attach([ManyServices.Client], ActorRefs.Nobody);
        node.Attach([ManyServices.Server], ActorRefs.Nobody);
        return node;
    }

    /// <summary>Flows to the same ten services, so that both sides have as much in the processor's caches.</summary>
    private static double Cost(NodeForwarding node, TimeSpan duration)
    {
        var random = new RandomSource(1);
        var (flows, now, clock) = (0L, 0L, Stopwatch.StartNew());
        while (clock.Elapsed < duration)
        {
            for (var i = 0; i < FlowsASecondOfTheClock; i++, flows++)
            {
                var syn = new TcpPacket(ManyServices.Client, ManyServices.ClusterIp(i % ManyServices.Few), (ushort)(1024 + i), 80, 1, 0, TcpFlags.Syn, 1000, default);
                var first = node.Decide(syn, now);
                if (first.Fate != Fate.BindService || !node.Bind(syn, first.Flow!, RandomEndpointPolicy.Instance.Pick(first.Flow!.Candidates, random), now)
                    || node.Decide(syn, now).Fate != Fate.DeliverToPod) throw new InvalidOperationException("The flow did not come about.");
                node.Forget(syn);
            }
            // As the node's actor does it: what is forgotten leaves the queue of those that may expire.
            node.Conntrack.Expire(now += 60);
        }
        return clock.Elapsed.TotalNanoseconds / flows;
    }
}
