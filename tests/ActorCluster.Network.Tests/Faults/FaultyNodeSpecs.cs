using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Faults;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;
using static ActorCluster.Network.Tests.Forwarding.TestTables;

namespace ActorCluster.Network.Tests.Faults;

/// <summary>Faults on a node's packet path.</summary>
public class FaultyNodeSpecs : PatientTestKit
{
    private static readonly FaultEffects Tenth = new() { Delay = new(TimeSpan.FromMilliseconds(100)) };

    private readonly FakeTimeProvider _clock = new();
    private readonly IActorRef _node;
    private readonly TestProbe _pod11;
    private readonly TestProbe _pod12;

    public FaultyNodeSpecs() : base("akka.actor.serialize-messages = on\n" + NetworkSerialization.Config)
    {
        _node = Sys.ActorOf(NodeNetworkActor.Props(new("n1", Node1, SimulationContext.RealTime(1) with { Clock = _clock }, new NoLink())));
        _node.Tell(new ReplaceTables(TwoNodes.WithService(Pod12)));
        (_pod11, _pod12) = (Attach(Pod11, "client"), Attach(Pod12, "web"));
    }

    [Fact]
    public void A_partition_drops_the_clients_packets_to_the_service_behind_which_the_pod_is_and_counts_them()
    {
        Install(new() { Partition = true });
        _node.Tell(Syn(Pod11, ServiceIp), _pod11);
        _node.Tell(new UdpPacket(Pod11, Node2, 1, 2, default), _pod11);
        AwaitAssert(() => Statistics().Lost.GetValueOrDefault("Fault").ShouldBe(1));
        _node.Tell(new UdpPacket(Pod11, Pod11, 1, 2, default), _pod11); // the marker that shows the silence
        _pod11.ExpectMsg<UdpPacket>();
        _pod12.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void A_delayed_packet_comes_when_its_time_has_come_and_at_once_when_the_fault_is_gone()
    {
        Install(Tenth);
        _node.Tell(new UdpPacket(Pod11, Pod12, 1, 2, default), _pod11);
        Statistics();
        _clock.Advance(TimeSpan.FromMilliseconds(99));
        Statistics();
        _pod12.HasMessages.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        _pod12.ExpectMsg<UdpPacket>().SourcePort.ShouldBe((ushort)1);

        _node.Tell(new UdpPacket(Pod11, Pod12, 3, 2, default), _pod11);
        _node.Tell(new ReplaceTables(TwoNodes.WithService(Pod12)));
        _pod12.ExpectMsg<UdpPacket>().SourcePort.ShouldBe((ushort)3);
    }

    [Fact]
    public void What_comes_from_other_nodes_has_met_its_faults_there()
    {
        _node.Tell(new ReplaceTables(TwoNodes.WithFaults(Tables(new("f", FaultWorld.Ends(Pod21), FaultEnds.Anybody, FaultDirection.To, new() { Partition = true })))));
        _node.Tell(new UdpPacket(Pod21, Pod12, 1, 2, default));
        _pod12.ExpectMsg<UdpPacket>();
    }

    [Fact]
    public void A_trace_tells_of_the_faults_both_ways_and_is_dropped_where_that_is_certain()
    {
        Install(Tenth, FaultDirection.Both);
        var delayed = Trace(_pod12);
        delayed.Outcome.ShouldBe(TraceOutcome.Delivered);
        delayed.Steps.Where(step => step.Stage == "fault").Select(step => step.Detail).ShouldBe(["f: delays by 100 ms", "on the way back, f: delays by 100 ms"]);

        Install(new() { Partition = true });
        var dropped = Trace(null);
        (dropped.Outcome, dropped.Reason).ShouldBe((TraceOutcome.Dropped, "Fault"));
        dropped.Steps[^1].ShouldBe(new("fault", "f: drops everything"));
    }

    [Fact]
    public void A_capture_says_what_faults_did_to_what_a_pod_sent()
    {
        Install(new() { Loss = new(100) });
        var captured = new System.Collections.Concurrent.ConcurrentQueue<CapturedPacket>();
        _node.Tell(new StartCapture(captured.Enqueue, ["default/client"]), _pod11);
        _pod11.ExpectMsg<StartCapture>();
        _node.Tell(Syn(Pod11, ServiceIp), _pod11);
        AwaitAssert(() => captured.ShouldHaveSingleItem().ShouldSatisfyAllConditions(packet => packet.Packet.Destination.ShouldBe(ServiceIp), packet => packet.Note.ShouldBe("lost by f (loss)")));
    }

    private void Install(FaultEffects effects, FaultDirection direction = FaultDirection.To) =>
        _node.Tell(new ReplaceTables(TwoNodes.WithService(Pod12).WithFaults(Tables(new("f", FaultWorld.Ends(Pod11), FaultWorld.Ends(Pod12), direction, effects)))));

    private static FaultTables Tables(Fault fault)
    {
        var builder = new FaultTablesBuilder();
        builder.Set(fault);
        return builder.Build(TwoNodes, true);
    }

    private TraceReport Trace(TestProbe? arrivesAt)
    {
        var asker = CreateTestProbe();
        _node.Tell(new TracePacket(Syn(Pod11, ServiceIp, 0), IsFirst: true), asker);
        return arrivesAt is null ? asker.ExpectMsg<TraceReport>() : arrivesAt.ExpectMsg<ProbeArrival>().Report;
    }

    private TestProbe Attach(IpAddress address, string name)
    {
        var probe = CreateTestProbe();
        _node.Tell(new AttachPod([address], probe, new PodIdentity(name, "default", name, new Dictionary<string, string>(), [])));
        return probe;
    }

    private NodeNetworkStatistics Statistics()
    {
        _node.Tell(new GetNodeNetworkStatistics(), TestActor);
        return ExpectMsg<NodeNetworkStatistics>();
    }

    private sealed class NoLink : IPacketLink
    {
        public void Send(NodeRoute destination, Packet packet)
        {
            // Whatever goes to other nodes is of no interest here.
        }

        public void Attach(string nodeName, IActorRef network)
        {
            // Nothing comes from elsewhere but what the tests send.
        }

        public void Detach(string nodeName, IActorRef network)
        {
            // As above.
        }
    }
}
