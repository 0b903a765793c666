using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using Akka.Actor;
using static ActorCluster.Network.Tests.Forwarding.TestTables;

namespace ActorCluster.Network.Tests.Forwarding;

public class FinishedFlowSpecs
{
    private const TcpFlags Fin = TcpFlags.Fin | TcpFlags.Ack;

    private readonly NodeForwarding _node = new("n1", Node1Addresses, 1000);

    public FinishedFlowSpecs()
    {
        _node.Replace(TwoNodes.WithService(Pod12));
        _node.Attach([Pod11], ActorRefs.Nobody);
        _node.Attach([Pod12], ActorRefs.Nobody);
        foreach (ushort port in (ushort[])[1, 2, 3])
        {
            var flow = _node.Decide(Syn(Pod11, ServiceIp, port), 0).Flow.ShouldNotBeNull();
            _node.Bind(Syn(Pod11, ServiceIp, port), flow, flow.Candidates[0], 0).ShouldBeTrue();
            FromClient(port, Fin, 0);
            FromServer(port, Fin, 0);
        }
    }

    [Fact]
    public void What_either_side_repeats_is_still_translated()
    {
        FromClient(1, TcpFlags.Ack, 100).ShouldBe((Pod11, Pod12, 8080));
        FromServer(1, Fin, 100).ShouldBe((ServiceIp, Pod11, 1));
    }

    [Fact]
    public void Each_is_forgotten_two_minutes_after_its_last_packet()
    {
        FromServer(2, Fin, 30);
        FromClient(1, TcpFlags.Ack, 50);
        (CountAt(119), CountAt(120), CountAt(149), CountAt(150), CountAt(169), CountAt(170)).ShouldBe((3, 2, 2, 1, 1, 0));
    }

    [Fact]
    public void A_reset_leaves_it_ten_seconds()
    {
        FromServer(2, TcpFlags.Rst, 20);
        FromClient(2, TcpFlags.Ack, 20).ShouldBe((Pod11, Pod12, 8080));
        (CountAt(29), CountAt(30), CountAt(120)).ShouldBe((3, 2, 0));
    }

    [Fact]
    public void A_trace_leaves_no_mark_on_it()
    {
        _node.Decide(Segment(Pod11, ServiceIp, 1, 80), 100, []).Reason.ShouldBe(Reason.ServiceFlow);
        CountAt(120).ShouldBe(0);
    }

    [Fact]
    public void Its_pod_takes_it_along()
    {
        _node.Detach(ActorRefs.Nobody);
        CountAt(0).ShouldBe(0);
    }

    private (IpAddress From, IpAddress To, int Port) FromClient(ushort port, TcpFlags flags, long now) => Translated(Segment(Pod11, ServiceIp, port, 80, flags), now);

    private (IpAddress From, IpAddress To, int Port) FromServer(ushort port, TcpFlags flags, long now) => Translated(Segment(Pod12, Pod11, 8080, port, flags), now);

    private (IpAddress From, IpAddress To, int Port) Translated(TcpPacket packet, long now)
    {
        var translated = _node.Decide(packet, now).Packet.ShouldBeOfType<TcpPacket>();
        return (translated.Source, translated.Destination, translated.DestinationPort);
    }

    private int CountAt(long now)
    {
        _node.Conntrack.Expire(now);
        return _node.Conntrack.Count;
    }
}
