using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tracing;
using Akka.Actor;
using static ActorCluster.Network.Tests.Forwarding.TestTables;

namespace ActorCluster.Network.Tests.Forwarding;

public class NodeForwardingSpecs
{
    private readonly NodeForwarding _node = new("n1", Node1Addresses, 1000);

    public NodeForwardingSpecs()
    {
        _node.Replace(TwoNodes.WithService(Pod12));
        _node.Attach([Pod11], ActorRefs.Nobody);
        _node.Attach([Pod12], ActorRefs.Nobody);
        _node.HostIsAttached = true;
    }

    [Fact]
    public void A_packet_to_a_pod_of_this_node_is_delivered_as_it_is()
    {
        var packet = Syn(Pod11, Pod12);
        var verdict = _node.Decide(packet, 0);
        (verdict.Fate, verdict.Reason).ShouldBe((Fate.DeliverToPod, Reason.LocalPod));
        verdict.Packet.ShouldBeSameAs(packet);
    }

    [Fact]
    public void A_packet_to_another_node_loses_a_hop()
    {
        var verdict = _node.Decide(Syn(Pod11, Pod21), 0);
        (verdict.Fate, verdict.Node!.Name, verdict.Packet.TimeToLive).ShouldBe((Fate.ForwardToNode, "n2", (byte)63));
        _node.Decide(Syn(Pod11, Node2), 0).Node!.Name.ShouldBe("n2");
    }

    [Fact]
    public void Each_node_that_routes_a_packet_takes_a_hop_of_it_and_a_bridge_takes_none()
    {
        byte Left(Packet packet) => _node.Decide(packet, 0).Packet.TimeToLive;
        Left(Syn(Pod11, Pod12)).ShouldBe((byte)64); // on one bridge
        Left(Syn(Pod21, Pod11) with { TimeToLive = 63 }).ShouldBe((byte)62); // the second of two nodes
        Left(Syn(Node2, Pod11)).ShouldBe((byte)63);
        Left(Syn(Node1, Pod11)).ShouldBe((byte)64); // sent by this node itself
        Left(Syn(Node1, Pod21)).ShouldBe((byte)64);
        var syn = Syn(Pod11, ServiceIp);
        Bind(syn).ShouldBeTrue();
        Left(syn).ShouldBe((byte)63); // translated packets are routed, also between pods of a node
        Left(Segment(Pod12, Pod11, 8080, 40000)).ShouldBe((byte)63);
        Refused(Syn(Pod21, Pod11) with { TimeToLive = 1 }, Reason.TimeToLiveExceeded).ShouldBeOfType<IcmpPacket>();
        Refused(syn with { TimeToLive = 1 }, Reason.TimeToLiveExceeded).ShouldBeOfType<IcmpPacket>();
    }

    [Fact]
    public void A_host_port_is_keyed_by_address_port_and_protocol_and_the_pod_sees_who_asked()
    {
        var pod = IpAddress.Parse("10.244.1.9");
        _node.Attach([pod], ActorRefs.Nobody, hostPorts:
        [
            new(IpAddress.AnyV4, 5000, IpProtocol.Tcp, new(pod, 80)),
            new(IpAddress.LoopbackV4, 5001, IpProtocol.Tcp, new(pod, 81)),
            new(Node1, 5001, IpProtocol.Udp, new(pod, 82)),
        ]);
        Packet Through(Packet first)
        {
            var verdict = _node.Decide(first, 0);
            verdict.Fate.ShouldBe(Fate.BindHostPort);
            _node.Bind(first, verdict.Flow!, verdict.Flow!.Candidates[0], 0).ShouldBeTrue();
            return _node.Decide(first, 0).Packet;
        }
        Ends(Through(Syn(Pod21, Node1, port: 5000))).ShouldBe((new(Pod21, 40000), new(pod, 80)));
        Ends(Through(Syn(Node1, Node1, port: 5000))).ShouldBe((new(Node1, 40000), new(pod, 80)));
        var local = Ends(Through(Syn(IpAddress.LoopbackV4, IpAddress.LoopbackV4, port: 5001)));
        (local.From.Address, local.To).ShouldBe((Node1, new SocketAddress(pod, 81)));
        Ends(Through(new UdpPacket(Pod11, Node1, 7, 5001, default))).To.ShouldBe(new(pod, 82));
        _node.Decide(Syn(Pod11, Node1, port: 5001), 0).Fate.ShouldBe(Fate.DeliverToHost);
        _node.IsHostPortTraffic(Syn(Node1, Node1, port: 5000)).ShouldBeTrue();
        _node.Decide(Segment(pod, Pod21, 80, 40000), 0).Packet.Source.ShouldBe(Node1);

        _node.Detach(ActorRefs.Nobody);
        _node.Decide(Syn(Pod21, Node1, 40001, 5000), 0).Fate.ShouldBe(Fate.DeliverToHost);
        _node.IsHostPortTraffic(Syn(Node1, Node1, port: 5000)).ShouldBeFalse();
    }

    [Fact]
    public void A_packet_whose_time_to_live_ends_here_is_reported() =>
        Refused(Syn(Pod11, Pod21) with { TimeToLive = 1 }, Reason.TimeToLiveExceeded).ShouldBeOfType<IcmpPacket>().Kind.ShouldBe(IcmpKind.TimeExceeded);

    [Fact]
    public void Nowhere_to_go_is_told_with_the_reason()
    {
        Refused(Syn(Pod11, IpAddress.Parse("8.8.8.8")), Reason.NoRoute).ShouldBeOfType<IcmpPacket>().Kind.ShouldBe(IcmpKind.NetworkUnreachable);
        Refused(Syn(Pod11, IpAddress.Parse("10.244.1.99")), Reason.NoSuchPod).ShouldBeOfType<IcmpPacket>().Kind.ShouldBe(IcmpKind.HostUnreachable);
    }

    [Fact]
    public void The_node_itself_gets_what_is_for_its_address() => _node.Decide(Syn(Pod11, Node1), 0).Fate.ShouldBe(Fate.DeliverToHost);

    [Fact]
    public void A_flow_to_a_service_is_bound_once_and_translated_both_ways_from_then_on()
    {
        var syn = Syn(Pod11, ServiceIp);
        var first = _node.Decide(syn, 0);
        first.Fate.ShouldBe(Fate.BindService);
        _node.Bind(syn, first.Flow!, first.Flow!.Candidates[0], 0).ShouldBeTrue();

        var forward = _node.Decide(syn, 0);
        (forward.Fate, forward.Reason).ShouldBe((Fate.DeliverToPod, Reason.ServiceFlow));
        Ends(forward.Packet).ShouldBe((new(Pod11, 40000), new(Pod12, 8080)));
        var reply = _node.Decide(Segment(Pod12, Pod11, 8080, 40000, TcpFlags.Syn | TcpFlags.Ack), 0);
        Ends(reply.Packet).ShouldBe((new(ServiceIp, 80), new(Pod11, 40000)));

        // The choice stays although the endpoints change.
        _node.Replace(TwoNodes.WithService(Pod21));
        Ends(_node.Decide(Segment(Pod11, ServiceIp, 40000, 80), 0).Packet).ShouldBe((new(Pod11, 40000), new(Pod12, 8080)));
    }

    [Fact]
    public void A_pod_reaches_itself_through_its_service_behind_the_nodes_address()
    {
        var syn = Syn(Pod12, ServiceIp);
        Bind(syn).ShouldBeTrue();
        var (from, to) = Ends(_node.Decide(syn, 0).Packet);
        (from.Address, to).ShouldBe((Node1, new SocketAddress(Pod12, 8080)));
        Ends(_node.Decide(Segment(Pod12, Node1, 8080, from.Port, TcpFlags.Syn | TcpFlags.Ack), 0).Packet).ShouldBe((new(ServiceIp, 80), new(Pod12, 40000)));
    }

    [Fact]
    public void A_service_without_endpoints_refuses_with_a_reset_or_port_unreachable()
    {
        _node.Replace(TwoNodes.WithService());
        Refused(Syn(Pod11, ServiceIp), Reason.NoEndpoints).ShouldBeOfType<TcpPacket>().Flags.ShouldBe(TcpFlags.Rst | TcpFlags.Ack);
        var datagram = new UdpPacket(Pod11, ServiceIp, 5000, 80, default);
        var error = Refused(datagram, Reason.NoEndpoints).ShouldBeOfType<IcmpPacket>();
        (error.Kind, error.Original).ShouldBe((IcmpKind.PortUnreachable, datagram));
    }

    [Fact]
    public void A_port_that_the_service_lacks_is_refused_and_an_address_that_no_service_has_is_dropped()
    {
        Refused(Syn(Pod11, ServiceIp, port: 81), Reason.NoSuchServicePort).ShouldBeOfType<TcpPacket>();
        var verdict = _node.Decide(Syn(Pod11, IpAddress.Parse("10.96.7.7")), 0);
        (verdict.Fate, verdict.Reason).ShouldBe((Fate.Drop, Reason.UnassignedServiceAddress));
    }

    [Fact]
    public void An_icmp_error_about_a_translated_datagram_reaches_the_client_and_quotes_what_it_sent()
    {
        var datagram = new UdpPacket(Pod11, ServiceIp, 5000, 80, "x"u8.ToArray());
        Bind(datagram).ShouldBeTrue();
        var translated = _node.Decide(datagram, 0).Packet;
        var verdict = _node.Decide(new IcmpPacket(Pod12, translated.Source, IcmpKind.PortUnreachable, 0, 0, default, translated), 0);
        verdict.Fate.ShouldBe(Fate.DeliverToPod);
        var error = verdict.Packet.ShouldBeOfType<IcmpPacket>();
        (error.Destination, error.Original!.Destination).ShouldBe((Pod11, ServiceIp));
    }

    [Fact]
    public void Errors_and_resets_are_not_answered()
    {
        PacketRewriting.Refusal(Segment(Pod11, Pod12, 1, 2, TcpFlags.Rst), IcmpKind.PortUnreachable, Node1).ShouldBeNull();
        PacketRewriting.Refusal(new IcmpPacket(Pod11, Pod12, IcmpKind.TimeExceeded, 0, 0, default), IcmpKind.HostUnreachable, Node1).ShouldBeNull();
    }

    [Fact]
    public void A_flow_that_is_over_starts_anew_with_the_next_syn_of_its_port()
    {
        var syn = Syn(Pod11, ServiceIp);
        Bind(syn).ShouldBeTrue();
        _node.Decide(Segment(Pod11, ServiceIp, 40000, 80, TcpFlags.Fin | TcpFlags.Ack), 1);
        _node.Decide(Segment(Pod12, Pod11, 8080, 40000, TcpFlags.Fin | TcpFlags.Ack), 1);
        _node.Decide(Segment(Pod11, ServiceIp, 40000, 80), 1).Reason.ShouldBe(Reason.ServiceFlow); // the last ACK still belongs to it
        _node.Decide(syn, 2).Fate.ShouldBe(Fate.BindService);
        Bind(syn).ShouldBeTrue();
        _node.Decide(syn, 2).Reason.ShouldBe(Reason.ServiceFlow);
    }

    [Fact]
    public void Flows_expire_by_their_state()
    {
        Bind(Syn(Pod11, ServiceIp, 1)).ShouldBeTrue(); // never answered: 120 s
        Bind(Syn(Pod11, ServiceIp, 2)).ShouldBeTrue(); // established: a day
        Bind(new UdpPacket(Pod11, ServiceIp, 3, 80, default)).ShouldBeTrue(); // 30 s
        Bind(Syn(Pod11, ServiceIp, 4)).ShouldBeTrue(); // reset: 10 s
        _node.Decide(Segment(Pod12, Pod11, 8080, 2), 0);
        _node.Decide(Segment(Pod12, Pod11, 8080, 4, TcpFlags.Rst), 0);
        int CountAt(long now)
        {
            _node.Conntrack.Expire(now);
            return _node.Conntrack.Count;
        }
        (CountAt(9), CountAt(11), CountAt(31), CountAt(119), CountAt(121), CountAt(86_000), CountAt(90_000)).ShouldBe((4, 3, 2, 2, 1, 1, 0));
    }

    [Fact]
    public void An_association_is_translated_both_ways_and_expires_by_its_state()
    {
        var chunks = new (SctpChunk Chunk, bool Reply)[] { (Init, false), (new SctpInitAck(2, 1000, 1, 1, 1, default), true), (new SctpCookieEcho(default), false), (new SctpCookieAck(), true) };
        for (ushort client = 1; client <= 3; client++)
        {
            // 1: its INIT is never answered, 3 s; 2: established, 210 s; 3: aborted, 10 s.
            Bind(Carrying(Pod11, ServiceIp, client, 80, Init)).ShouldBeTrue();
            foreach (var (chunk, reply) in chunks[..(client == 1 ? 1 : 4)])
            {
                var packet = _node.Decide(reply ? Carrying(Pod12, Pod11, 8080, client, chunk) : Carrying(Pod11, ServiceIp, client, 80, chunk), 0).Packet.ShouldBeOfType<SctpPacket>();
                (packet.Source, packet.SourcePort, packet.Destination, packet.DestinationPort).ShouldBe(reply ? (ServiceIp, (ushort)80, Pod11, client) : (Pod11, client, Pod12, (ushort)8080));
                packet.Chunks.ShouldBe([chunk]);
            }
        }
        _node.Decide(Carrying(Pod11, ServiceIp, 3, 80, new SctpAbort(false, [])), 0);
        // An INIT that is sent again doesn't keep its flow, and after the end it begins a new one.
        _node.Decide(Carrying(Pod11, ServiceIp, 1, 80, Init), 2).Reason.ShouldBe(Reason.ServiceFlow);
        _node.Decide(Carrying(Pod11, ServiceIp, 3, 80, Init), 2).Fate.ShouldBe(Fate.BindService);
        int CountAt(long now)
        {
            _node.Conntrack.Expire(now);
            return _node.Conntrack.Count;
        }
        (CountAt(2), CountAt(3), CountAt(9), CountAt(10), CountAt(209), CountAt(210)).ShouldBe((3, 2, 2, 1, 1, 0));
    }

    [Fact]
    public void The_shutdown_of_an_association_leaves_its_flow_only_seconds()
    {
        Bind(Carrying(Pod11, ServiceIp, 1, 80, Init)).ShouldBeTrue();
        foreach (var (chunk, reply) in new (SctpChunk, bool)[]
        {
            (Init, false), (new SctpCookieEcho(default), false), (new SctpCookieAck(), true), (new SctpShutdown(1), false), (new SctpShutdownAck(), true), (new SctpShutdownComplete(false), false),
        })
            _node.Decide(reply ? Carrying(Pod12, Pod11, 8080, 1, chunk) : Carrying(Pod11, ServiceIp, 1, 80, chunk), 5);
        _node.Conntrack.Expire(14);
        _node.Conntrack.Count.ShouldBe(1);
        _node.Conntrack.Expire(15);
        _node.Conntrack.Count.ShouldBe(0);
    }

    [Fact]
    public void An_association_to_a_service_without_endpoints_is_answered_with_an_icmp_error()
    {
        var tables = TwoNodes.WithService();
        _node.Replace(tables);
        var init = Carrying(Pod11, ServiceIp, 1, 80, Init);
        var verdict = _node.Decide(init, 0);
        (verdict.Fate, verdict.Answer).ShouldBe((Fate.Reject, IcmpKind.PortUnreachable));
        PacketRewriting.Refusal(init, verdict.Answer, Node1).ShouldBeOfType<IcmpPacket>().Original.ShouldBeSameAs(init);
    }

    private static readonly SctpInit Init = new(1, 1000, 1, 1, 1);

    [Fact]
    public void Conntrack_is_bounded()
    {
        var node = new NodeForwarding("n1", Node1Addresses, 2);
        var flow = _node.Decide(Syn(Pod11, ServiceIp), 0).Flow!;
        Enumerable.Range(1, 3).Select(i => node.Bind(Syn(Pod11, ServiceIp, (ushort)i), flow, flow.Candidates[0], 0)).ShouldBe([true, true, false]);
        node.Bind(Syn(Pod11, ServiceIp, 9), flow, flow.Candidates[0], 200).ShouldBeTrue(); // the others have expired
    }

    [Fact]
    public void A_pod_that_goes_takes_its_flows_along()
    {
        Bind(Syn(Pod11, ServiceIp)).ShouldBeTrue();
        _node.Detach(ActorRefs.Nobody);
        _node.Conntrack.Count.ShouldBe(0);
        _node.Decide(Syn(Pod11, Pod12), 0).Reason.ShouldBe(Reason.NoSuchPod);
    }

    [Fact]
    public void A_trace_tells_every_step_and_leaves_no_mark()
    {
        var syn = Syn(Pod11, ServiceIp);
        Bind(syn).ShouldBeTrue();
        var steps = new List<TraceStep>();
        _node.Decide(Segment(Pod11, ServiceIp, 40000, 80, TcpFlags.Rst), 5, steps).Fate.ShouldBe(Fate.DeliverToPod);
        steps.Select(step => step.Stage).ShouldBe(["conntrack", "policy", "deliver"]);
        _node.Decide(syn, 5).Reason.ShouldBe(Reason.ServiceFlow); // the traced reset did not end it
    }

    private bool Bind(Packet first)
    {
        var flow = _node.Decide(first, 0).Flow.ShouldNotBeNull();
        return _node.Bind(first, flow, flow.Candidates[0], 0);
    }

    private Packet Refused(Packet packet, Reason reason)
    {
        var verdict = _node.Decide(packet, 0);
        (verdict.Fate, verdict.Reason).ShouldBe((Fate.Reject, reason));
        return PacketRewriting.Refusal(verdict.Packet, verdict.Answer, Node1).ShouldNotBeNull();
    }

    private static (SocketAddress From, SocketAddress To) Ends(Packet packet)
    {
        FlowKey.TryOf(packet, out var key).ShouldBeTrue();
        return (new(key.Source, key.SourcePort), new(key.Destination, key.DestinationPort));
    }
}
