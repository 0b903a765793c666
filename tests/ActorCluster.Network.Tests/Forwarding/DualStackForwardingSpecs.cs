using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using Akka.Actor;
using k8s.Models;
using static ActorCluster.Network.Tests.Forwarding.TestTables;

namespace ActorCluster.Network.Tests.Forwarding;

/// <summary>IPv6 beside IPv4 on one node.</summary>
public class DualStackForwardingSpecs
{
    private readonly NodeForwarding _node = new("n1", Node1Addresses, 1000);

    public DualStackForwardingSpecs()
    {
        _node.Replace(TwoNodes.WithService(DualStackService(Pod12, Pod12V6, Pod21V6)));
        _node.Attach([Pod11, Pod11V6], ActorRefs.Nobody);
        _node.Attach([Pod12, Pod12V6], ActorRefs.Nobody);
        _node.HostIsAttached = true;
    }

    [Fact]
    public void Packets_of_both_families_find_pods_nodes_and_other_nodes()
    {
        _node.Decide(Syn(Pod11V6, Pod12V6), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(Syn(Pod11V6, Node1V6), 0).Fate.ShouldBe(Fate.DeliverToHost);
        _node.Decide(Syn(Pod11V6, Pod21V6), 0).Node!.Name.ShouldBe("n2");
        _node.Decide(Syn(Pod11V6, Node2V6), 0).Node!.Name.ShouldBe("n2");
        _node.Decide(Syn(Pod11V6, IpAddress.Parse("2001:db8::1")), 0).Reason.ShouldBe(Reason.NoRoute);
        _node.Decide(Syn(Pod11V6, IpAddress.Parse("fd00:10:244:1::99")), 0).Reason.ShouldBe(Reason.NoSuchPod);
        _node.Decide(Syn(Node1V6, Pod11V6), 0).Packet.TimeToLive.ShouldBe((byte)64); // sent by this node itself
        _node.Decide(Syn(Node2V6, Pod11V6), 0).Packet.TimeToLive.ShouldBe((byte)63);
    }

    [Fact]
    public void Each_cluster_IP_leads_to_endpoints_of_its_own_family_and_the_pod_sees_who_asked()
    {
        var (v4, v6) = (Syn(Pod11, ServiceIp), Syn(Pod11V6, ServiceIpV6));
        Candidates(v4).ShouldBe([Pod12]);
        Candidates(v6).ShouldBe([Pod12V6, Pod21V6]);
        Ends(Through(v6, Pod12V6)).ShouldBe((new(Pod11V6, 40000), new(Pod12V6, 8080)));
        Ends(_node.Decide(Segment(Pod12V6, Pod11V6, 8080, 40000), 0).Packet).ShouldBe((new(ServiceIpV6, 80), new(Pod11V6, 40000)));
        _node.Decide(Syn(Pod11V6, IpAddress.Parse("fd00:10:96::99")), 0).Reason.ShouldBe(Reason.UnassignedServiceAddress);
        _node.Decide(Syn(Pod11V6, ServiceIpV6, port: 81), 0).Reason.ShouldBe(Reason.NoSuchServicePort);
    }

    [Fact]
    public void A_family_without_endpoints_refuses_while_the_other_serves()
    {
        _node.Replace(TwoNodes.WithService(DualStackService(Pod12)));
        _node.Decide(Syn(Pod11V6, ServiceIpV6), 0).Reason.ShouldBe(Reason.NoEndpoints);
        _node.Decide(Syn(Pod11, ServiceIp), 0).Fate.ShouldBe(Fate.BindService);
    }

    [Fact]
    public void Masqueraded_flows_have_the_nodes_address_of_their_family()
    {
        // By NodePort, and through its own service.
        Ends(Through(Syn(Pod11V6, Node1V6, port: 30080), Pod21V6)).From.Address.ShouldBe(Node1V6);
        Ends(Through(Syn(Pod11, Node1, port: 30080), Pod12)).From.Address.ShouldBe(Node1);
        Ends(Through(Syn(Pod12V6, ServiceIpV6, sourcePort: 40001), Pod12V6)).From.Address.ShouldBe(Node1V6);
    }

    [Fact]
    public void The_node_itself_reaches_NodePorts_at_its_addresses_and_at_127_0_0_1_but_not_at_the_loopback_address_of_IPv6()
    {
        NodeForwarding.IsServiceTraffic(_node.Tables, Syn(Node1V6, Node1V6, port: 30080)).ShouldBeTrue();
        NodeForwarding.IsServiceTraffic(_node.Tables, Syn(IpAddress.LoopbackV4, IpAddress.LoopbackV4, port: 30080)).ShouldBeTrue();
        NodeForwarding.IsServiceTraffic(_node.Tables, Syn(IpAddress.LoopbackV6, IpAddress.LoopbackV6, port: 30080)).ShouldBeFalse();
    }

    [Fact]
    public void Host_ports_are_at_the_addresses_of_both_families()
    {
        var pod = IpAddress.Parse("fd00:10:244:1::9");
        _node.Attach([pod], ActorRefs.Nobody, hostPorts: [new(IpAddress.AnyV6, 5000, IpProtocol.Tcp, new(pod, 80))]);
        _node.Decide(Syn(Pod21V6, Node1V6, port: 5000), 0).Fate.ShouldBe(Fate.BindHostPort);
        _node.Decide(Syn(Pod21, Node1, port: 5000), 0).Fate.ShouldBe(Fate.DeliverToHost);
        _node.IsHostPortTraffic(Syn(Node1V6, Node1V6, port: 5000)).ShouldBeTrue();
        _node.IsHostPortTraffic(Syn(IpAddress.LoopbackV6, IpAddress.LoopbackV6, port: 5000)).ShouldBeFalse();
    }

    [Fact]
    public void An_errors_sender_is_the_node_by_the_family_of_who_is_told()
    {
        Node1Addresses.Towards(Pod11V6).ShouldBe(Node1V6);
        PacketRewriting.Refusal(new UdpPacket(Pod11V6, ServiceIpV6, 7, 81, default), IcmpKind.PortUnreachable, Node1Addresses.Towards(Pod11V6))
            .ShouldBeOfType<IcmpPacket>().Source.ShouldBe(Node1V6);
        // An error about a translated packet goes back to the client under the service's address.
        var first = new UdpPacket(Pod11V6, ServiceIpV6, 7, 80, default);
        Through(first, Pod12V6);
        var sent = _node.Decide(first, 0).Packet;
        var error = _node.Decide(new IcmpPacket(Pod12V6, Pod11V6, IcmpKind.PortUnreachable, 0, 0, default, sent), 0).Packet.ShouldBeOfType<IcmpPacket>();
        (error.Destination, error.Original!.Destination).ShouldBe((Pod11V6, ServiceIpV6));
    }

    [Fact]
    public void A_node_without_IPv6_has_no_address_of_it_and_takes_nothing_for_one()
    {
        var only = NodeAddresses.Of([Node1]);
        (only.Contains(Node1), only.Contains(Node1V6), only.Contains(IpAddress.AnyV6), only.Contains(IpAddress.AnyV4)).ShouldBe((true, false, false, false));
        only.All.ShouldBe([Node1]);
        NodeAddresses.Of([Node1V6, Node1]).All.ShouldBe([Node1, Node1V6]);
    }

    [Fact]
    public void Blocks_of_a_policy_hold_for_their_family_and_the_pods_own_node_is_always_allowed()
    {
        var policies = new PolicyTablesBuilder();
        policies.OnPolicy(null, new V1NetworkPolicy
        {
            Metadata = new() { Name = "p", NamespaceProperty = "default" },
            Spec = new()
            {
                PodSelector = new(),
                PolicyTypes = ["Ingress"],
                Ingress = [new() { FromProperty = [new() { IpBlock = new() { Cidr = "fd00:10:244:2::/64", Except = ["fd00:10:244:2::f0/124"] } }] }],
            },
        });
        _node.Attach([Pod12, Pod12V6], ActorRefs.Nobody, new PodIdentity("u", "default", "web", ImmutableDictionary<string, string>.Empty, []));
        _node.Replace(TwoNodes.WithPolicies(policies.Build()));
        _node.Decide(Syn(Pod21V6, Pod12V6), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(Syn(IpAddress.Parse("fd00:10:244:2::f3"), Pod12V6), 0).Reason.ShouldBe(Reason.NetworkPolicy);
        _node.Decide(Syn(Pod21, Pod12), 0).Reason.ShouldBe(Reason.NetworkPolicy);
        _node.Decide(Syn(Node1V6, Pod12V6), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(new IcmpPacket(Pod11V6, Pod12V6, IcmpKind.EchoRequest, 1, 1, default), 0).Reason.ShouldBe(Reason.NetworkPolicy);
    }

    private IpAddress[] Candidates(Packet first) => [.. _node.Decide(first, 0).Flow!.Candidates.Select(endpoint => endpoint.Address)];

    /// <summary>The packet as it goes on to one of its endpoints.</summary>
    private Packet Through(Packet first, IpAddress endpoint)
    {
        var flow = _node.Decide(first, 0).Flow!;
        _node.Bind(first, flow, flow.Candidates.Single(candidate => candidate.Address == endpoint), 0).ShouldBeTrue();
        return _node.Decide(first, 0).Packet;
    }

    private static (SocketAddress From, SocketAddress To) Ends(Packet packet) => packet switch
    {
        TcpPacket tcp => (new(tcp.Source, tcp.SourcePort), new(tcp.Destination, tcp.DestinationPort)),
        UdpPacket udp => (new(udp.Source, udp.SourcePort), new(udp.Destination, udp.DestinationPort)),
        _ => throw new ArgumentOutOfRangeException(nameof(packet)),
    };
}
