using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using Akka.Actor;
using static ActorCluster.Network.Tests.Forwarding.TestTables;

namespace ActorCluster.Network.Tests.Forwarding;

/// <summary>The rules of kube-proxy: which endpoints a flow may go to, whose address they see, and when it is refused or dropped.</summary>
public class ServiceForwardingSpecs
{
    private static readonly IpAddress Outside = IpAddress.Parse("172.18.0.1");
    private static readonly IpAddress BalancerIp = IpAddress.Parse("172.18.255.1");
    private static readonly IpAddress ExternalIp = IpAddress.Parse("192.0.2.7");
    private static readonly ServiceEndpoint Here = new(Pod12, 8080, "n1");
    private static readonly ServiceEndpoint There = new(Pod21, 8080, "n2");

    private readonly NodeForwarding _node = new("n1", Node1Addresses, 1000) { HostIsAttached = true };

    public ServiceForwardingSpecs() => _node.Attach([Pod11, Pod12], ActorRefs.Nobody);

    [Fact]
    public void Every_address_of_a_service_leads_to_its_endpoints()
    {
        Use([Here, There]);
        foreach (var packet in new[] { Syn(Pod11, ServiceIp), Syn(Pod11, ExternalIp), Syn(Pod11, BalancerIp), Syn(Pod11, Node1, port: 30080) })
            Flow(packet).Candidates.ShouldBe([Here, There]);
        _node.Decide(Syn(Pod11, Node2, port: 30080), 0).Fate.ShouldBe(Fate.ForwardToNode); // another node's NodePort is that node's matter
        _node.Decide(Syn(Pod11, Node1, port: 30081), 0).Fate.ShouldBe(Fate.DeliverToHost);
        _node.Decide(new UdpPacket(Pod11, Node1, 40000, 30080, default), 0).Fate.ShouldBe(Fate.DeliverToHost); // a TCP port only
    }

    [Fact]
    public void Pods_keep_their_address_towards_cluster_ips_and_external_addresses_are_masqueraded()
    {
        Use([Here, There]);
        Flow(Syn(Pod11, ServiceIp)).Masquerade.ShouldBeFalse();
        Flow(Syn(Pod21, ServiceIp)).Masquerade.ShouldBeFalse();
        foreach (var packet in new[] { Syn(Outside, ServiceIp), Syn(Pod11, BalancerIp), Syn(Outside, ExternalIp), Syn(Outside, Node1, port: 30080) })
            Flow(packet).Masquerade.ShouldBeTrue();
    }

    [Fact]
    public void A_masqueraded_flow_comes_back_through_the_node_to_the_address_that_was_asked()
    {
        Use([There]);
        var syn = Syn(Outside, Node1, port: 30080);
        Bind(syn).ShouldBeTrue();
        var (from, to) = Ends(_node.Decide(syn, 0).Packet);
        (from.Address, to).ShouldBe((Node1, new SocketAddress(Pod21, 8080)));
        _node.Attach([Outside], ActorRefs.Nobody);
        Ends(_node.Decide(Segment(Pod21, Node1, 8080, from.Port), 0).Packet).ShouldBe((new(Node1, 30080), new(Outside, 40000)));
    }

    [Fact]
    public void Many_masqueraded_flows_to_one_endpoint_are_told_apart_by_ports_that_nobody_else_uses()
    {
        var node = new NodeForwarding("n1", Node1Addresses, 100_000) { HostIsAttached = true };
        Use([There]);
        node.Replace(_node.Tables);
        HashSet<ushort> ports = [];
        for (var client = 0; client < 25_000; client++)
        {
            var syn = Syn(Outside, Node1, (ushort)(32768 + client), 30080);
            node.Bind(syn, node.Decide(syn, 0).Flow!, There, 0).ShouldBeTrue();
            ports.Add(Ends(node.Decide(syn, 0).Packet).From.Port).ShouldBeTrue();
        }
        ports.ShouldAllBe(port => (port >= 1024 && port < 30000) || port >= 61000);
    }

    [Fact]
    public void What_the_node_answers_to_itself_is_known_by_its_port_and_there_is_an_end_to_ports()
    {
        var node = new NodeForwarding("n1", Node1Addresses, 100_000) { HostIsAttached = true };
        var onHost = new ServiceEndpoint(Node1, 8080, "n1");
        Use([onHost]);
        node.Replace(_node.Tables);
        for (var client = 0; client < 4536; client++)
        {
            var syn = Syn(Outside, Node1, (ushort)(10_000 + client), 30080);
            node.Bind(syn, node.Decide(syn, 0).Flow!, onHost, 0).ShouldBeTrue();
            NodeForwarding.IsServiceTraffic(node.Tables, Syn(Node1, Node1, 8080, Ends(node.Decide(syn, 0).Packet).From.Port)).ShouldBeTrue();
        }
        var more = Syn(Outside, Node1, 9, 30080);
        node.Bind(more, node.Decide(more, 0).Flow!, onHost, 0).ShouldBeFalse();
        node.Bind(more, node.Decide(more, 0).Flow!, There, 0).ShouldBeTrue();
    }

    [Fact]
    public void The_external_policy_local_keeps_the_clients_address_and_its_flows_on_the_node()
    {
        Use([Here, There], external: true);
        var flow = Flow(Syn(Outside, Node1, port: 30080));
        flow.Candidates.ShouldBe([Here]);
        flow.Masquerade.ShouldBeFalse();
        var syn = Syn(Outside, BalancerIp);
        Bind(syn).ShouldBeTrue();
        Ends(_node.Decide(syn, 0).Packet).ShouldBe((new(Outside, 40000), new(Pod12, 8080)));
        // For pods and for the node itself it is the service as everywhere.
        Flow(Syn(Pod11, Node1, port: 30080)).Candidates.ShouldBe([Here, There]);
        Flow(Syn(Pod11, BalancerIp)).Masquerade.ShouldBeFalse();
        Flow(Syn(Node1, BalancerIp)).Candidates.ShouldBe([Here, There]);
        Flow(Syn(IpAddress.Parse("10.244.2.9"), Node1, port: 30080)).Candidates.ShouldBe([Here]); // a pod of another node comes from outside
    }

    [Fact]
    public void Without_a_local_endpoint_a_local_policy_drops_and_without_any_endpoint_flows_are_refused()
    {
        Use([There], external: true, inside: true);
        FateOf(Syn(Outside, Node1, port: 30080)).ShouldBe((Fate.Drop, Reason.NoLocalEndpoints));
        FateOf(Syn(Pod11, ServiceIp)).ShouldBe((Fate.Drop, Reason.NoLocalEndpoints));
        Flow(Syn(Pod11, BalancerIp)).Candidates.ShouldBe([There]);
        Use([], external: true, inside: true);
        foreach (var packet in new[] { Syn(Outside, Node1, port: 30080), Syn(Pod11, ServiceIp), Syn(Outside, BalancerIp) })
            FateOf(packet).ShouldBe((Fate.Reject, Reason.NoEndpoints));
    }

    [Theory]
    [InlineData(0, 0, "its EndpointSlices have no address; does a pod match its selector?")]
    [InlineData(1, 0, "the one that it would have is not ready")]
    [InlineData(3, 1, "the 3 that it would have are not ready")]
    [InlineData(0, 2, "what it selects has no port by the name of its targetPort")]
    public void A_trace_says_why_there_are_no_endpoints(int notReady, int withoutPort, string why)
    {
        var port = PortOf([]) with { NotReady = notReady, WithoutPort = withoutPort };
        _node.Replace(TwoNodes.WithService(new ServiceEntry("default", "web", [ServiceIp], null, [port])));
        var steps = new List<TraceStep>();
        _node.Decide(Syn(Pod11, ServiceIp), 0, steps).Reason.ShouldBe(Reason.NoEndpoints);
        steps.ShouldContain(new TraceStep("service", $"default/web port 80, by its cluster IP has no endpoints: {why}"));
    }

    [Fact]
    public void Endpoints_that_terminate_but_serve_are_the_last_resort_of_each_policy_by_itself()
    {
        Use([There], terminating: [Here], external: true);
        Flow(Syn(Pod11, ServiceIp)).Candidates.ShouldBe([There]);
        Flow(Syn(Outside, BalancerIp)).Candidates.ShouldBe([Here]);
        Use([], terminating: [Here, There]);
        Flow(Syn(Pod11, ServiceIp)).Candidates.ShouldBe([Here, There]);
    }

    [Fact]
    public void Only_the_load_balancers_addresses_mind_the_source_ranges()
    {
        Use([Here], ranges: [IpNetwork.Parse("172.18.0.0/24")]);
        Flow(Syn(Outside, BalancerIp)).Candidates.ShouldBe([Here]);
        FateOf(Syn(Pod11, BalancerIp)).ShouldBe((Fate.Drop, Reason.SourceRange));
        Flow(Syn(Pod11, ExternalIp)).Candidates.ShouldBe([Here]);
        Flow(Syn(Pod11, Node1, port: 30080)).Candidates.ShouldBe([Here]);
    }

    [Fact]
    public void Hints_are_followed_when_every_endpoint_has_them_and_one_is_for_this_node_or_zone()
    {
        var (a, b) = (Here with { ZoneHints = "a", NodeHints = "n1" }, There with { ZoneHints = "b", NodeHints = "n2" });
        Use([a, b]);
        Flow(Syn(Pod11, ServiceIp)).Candidates.ShouldBe([a]);
        Use([a with { NodeHints = "" }, b]);
        Flow(Syn(Pod11, ServiceIp)).Candidates.Length.ShouldBe(2); // the node has no zone yet
        _node.Replace(_node.Tables.WithNode(new("n1", [Node1], "akka://here", [IpNetwork.Parse("10.244.1.0/24")]) { Zone = "b" }));
        Flow(Syn(Pod11, ServiceIp)).Candidates.ShouldBe([b]);
        Use([a with { ZoneHints = "", NodeHints = "" }, b]);
        Flow(Syn(Pod11, ServiceIp)).Candidates.Length.ShouldBe(2);
    }

    [Fact]
    public void Two_flows_that_would_look_the_same_to_their_endpoint_get_different_ports()
    {
        Use([Here]);
        var (cluster, external) = (Syn(Node1, ServiceIp), Syn(Node1, ExternalIp));
        Bind(cluster).ShouldBeTrue();
        Bind(external).ShouldBeTrue();
        var (first, second) = (Ends(_node.Decide(cluster, 0).Packet), Ends(_node.Decide(external, 0).Packet));
        (first.To, first.From).ShouldBe((second.To, new SocketAddress(Node1, 40000)));
        second.From.Port.ShouldNotBe((ushort)40000);
    }

    [Fact]
    public void Udp_flows_to_endpoints_that_went_are_forgotten_if_others_serve_and_tcp_flows_stay()
    {
        Use([Here], protocol: IpProtocol.Udp);
        var (inside, nodePort) = (new UdpPacket(Pod11, ServiceIp, 1, 80, default), new UdpPacket(Pod11, Node1, 2, 30080, default));
        Bind(inside).ShouldBeTrue();
        Bind(nodePort).ShouldBeTrue();
        Use([], terminating: [Here], protocol: IpProtocol.Udp);
        _node.Conntrack.Count.ShouldBe(2); // it still serves
        Use([], protocol: IpProtocol.Udp);
        _node.Conntrack.Count.ShouldBe(2); // nobody else would
        Use([There], protocol: IpProtocol.Udp);
        _node.Conntrack.Count.ShouldBe(0);
        Flow(inside).Candidates.ShouldBe([There]);

        Use([Here]);
        var syn = Syn(Pod11, ServiceIp);
        Bind(syn).ShouldBeTrue();
        Use([There]);
        Ends(_node.Decide(syn, 0).Packet).To.Address.ShouldBe(Pod12);
    }

    [Fact]
    public void The_nodes_own_programs_reach_node_ports_at_its_address_and_at_localhost()
    {
        Use([Here]);
        NodeForwarding.IsServiceTraffic(_node.Tables, Syn(Node1, Node1, port: 30080)).ShouldBeTrue();
        NodeForwarding.IsServiceTraffic(_node.Tables, Syn(Node1, Node1, port: 8080)).ShouldBeFalse();
        var syn = Syn(IpAddress.LoopbackV4, IpAddress.LoopbackV4, port: 30080);
        Bind(syn).ShouldBeTrue();
        var (from, to) = Ends(_node.Decide(syn, 0).Packet);
        (from.Address, to.Address).ShouldBe((Node1, Pod12));
        var reply = _node.Decide(Segment(Pod12, Node1, 8080, from.Port), 0);
        (reply.Fate, Ends(reply.Packet).To).ShouldBe((Fate.DeliverToHost, new SocketAddress(IpAddress.LoopbackV4, 40000)));
    }

    [Fact]
    public void Affinity_lasts_from_a_clients_last_new_flow_and_yields_to_endpoints_that_are_there()
    {
        var affinity = new SessionAffinity();
        var port = PortOf([Here, There]) with { AffinitySeconds = 10 };
        bool Has(IpAddress client, long now, out ServiceEndpoint? endpoint, params ServiceEndpoint[] candidates) => affinity.TryGet(port, client, [.. candidates], now, out endpoint);
        Has(Pod11, 0, out _, Here, There).ShouldBeFalse();
        affinity.Set(port, Pod11, There, 0);
        Has(Pod11, 9, out var kept, Here, There).ShouldBeTrue();
        kept.ShouldBe(There);
        Has(Pod12, 9, out _, Here, There).ShouldBeFalse();
        Has(Pod11, 9, out _, Here).ShouldBeFalse();
        Has(Pod11, 10, out _, Here, There).ShouldBeFalse();
        affinity.Set(port, Pod11, There, 9);
        Has(Pod11, 18, out _, Here, There).ShouldBeTrue();
        affinity.Expire(18);
        affinity.Count.ShouldBe(1);
        affinity.Expire(19);
        affinity.Count.ShouldBe(0);
    }

    private void Use(ServiceEndpoint[] ready, ServiceEndpoint[]? terminating = null, bool external = false, bool inside = false, IpNetwork[]? ranges = null, IpProtocol protocol = IpProtocol.Tcp)
    {
        var port = PortOf(ready, terminating, protocol) with { InternalLocal = inside, ExternalLocal = external, SourceRanges = [.. ranges ?? []] };
        var service = new ServiceEntry("default", "web", [ServiceIp], null, [port]) { ExternalIps = [ExternalIp], LoadBalancerIps = [BalancerIp] };
        _node.Replace((_node.Tables.Nodes.Any() ? _node.Tables : TwoNodes).WithService(service));
    }

    private static ServicePort PortOf(ServiceEndpoint[] ready, ServiceEndpoint[]? terminating = null, IpProtocol protocol = IpProtocol.Tcp) =>
        new("default/web", "", protocol, 80, true, [.. ready], (terminating ?? []).ToImmutableArray()) { NodePort = 30080 };

    private ServiceFlow Flow(Packet packet)
    {
        var verdict = _node.Decide(packet, 0);
        verdict.Fate.ShouldBe(Fate.BindService, verdict.Reason.ToString());
        return verdict.Flow.ShouldNotBeNull();
    }

    private (Fate, Reason) FateOf(Packet packet)
    {
        var verdict = _node.Decide(packet, 0);
        return (verdict.Fate, verdict.Reason);
    }

    private bool Bind(Packet first)
    {
        var flow = Flow(first);
        return _node.Bind(first, flow, flow.Candidates[0], 0);
    }

    private static (SocketAddress From, SocketAddress To) Ends(Packet packet)
    {
        FlowKey.TryOf(packet, out var key).ShouldBeTrue();
        return (new(key.Source, key.SourcePort), new(key.Destination, key.DestinationPort));
    }
}
