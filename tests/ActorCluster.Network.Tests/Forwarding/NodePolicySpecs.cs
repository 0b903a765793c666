using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Tests.Policies;
using ActorCluster.Network.Tracing;
using Akka.Actor;
using k8s.Models;
using static ActorCluster.Network.Tests.Forwarding.TestTables;

namespace ActorCluster.Network.Tests.Forwarding;

/// <summary>Policies in the way of packets: pod x/a has Pod11, x/b Pod12, both of node n1; x/c has Pod21, of n2.</summary>
public class NodePolicySpecs
{
    private const ushort NodePort = 30080;

    private static readonly V1NetworkPolicySpec DenyAll = new() { PodSelector = new(), PolicyTypes = ["Ingress", "Egress"] };

    private readonly NodeForwarding _node = new("n1", Node1Addresses, 1000);
    private readonly PolicyWorld _world = new PolicyWorld()
        .Namespace("x").Pod("x", "a", "10.244.1.2", [("app", "a")]).Pod("x", "b", "10.244.1.3", [("app", "b")]).Pod("x", "c", "10.244.2.2", [("app", "c")]);

    public NodePolicySpecs()
    {
        _node.Attach([Pod11], ActorRefs.Nobody);
        _node.Attach([Pod12], ActorRefs.Nobody);
        _node.HostIsAttached = true;
        Publish();
    }

    [Fact]
    public void A_first_packet_that_no_rule_allows_is_dropped_and_the_verdict_says_which_policy()
    {
        Policy("deny", DenyAll);
        var verdict = _node.Decide(Syn(Pod11, Pod21), 0);
        (verdict.Fate, verdict.Reason).ShouldBe((Fate.Drop, Reason.NetworkPolicy));
        verdict.Policy!.ToString().ShouldBe("egress of x/a: isolated by x/deny, no rule matched");
        _node.Decide(Syn(Pod21, Pod12), 0).Policy!.ToString().ShouldBe("ingress of x/b: isolated by x/deny, no rule matched");
    }

    [Fact]
    public void Segments_of_what_is_established_pass_whatever_the_policies_have_become()
    {
        Policy("deny", DenyAll);
        _node.Decide(Segment(Pod11, Pod21, 40000, 80), 0).Fate.ShouldBe(Fate.ForwardToNode);
        _node.Decide(Segment(Pod21, Pod11, 80, 40000, TcpFlags.Syn | TcpFlags.Ack), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(Segment(Pod12, Pod21, 80, 40000, TcpFlags.Fin | TcpFlags.Ack), 0).Fate.ShouldBe(Fate.ForwardToNode);
    }

    [Fact]
    public void Only_the_init_of_an_association_is_judged_and_a_policy_for_tcp_is_none_for_sctp()
    {
        Policy("in", new()
        {
            PodSelector = new(), PolicyTypes = ["Ingress"],
            Ingress = [new() { Ports = [new() { Port = 80, Protocol = "TCP" }, new() { Port = 81, Protocol = "SCTP" }] }],
        });
        var init = new SctpInit(1, 1000, 1, 1, 1);
        _node.Decide(Carrying(Pod21, Pod11, 5000, 80, init), 0).Reason.ShouldBe(Reason.NetworkPolicy);
        _node.Decide(Carrying(Pod21, Pod11, 5000, 81, init), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(Syn(Pod21, Pod11, 5000, 81), 0).Reason.ShouldBe(Reason.NetworkPolicy);
        _node.Decide(Carrying(Pod21, Pod11, 5000, 80, new SctpCookieAck()), 0).Fate.ShouldBe(Fate.DeliverToPod);
    }

    [Fact]
    public void An_answer_to_a_datagram_passes_and_a_datagram_that_answers_nothing_does_not()
    {
        Policy("in", new() { PodSelector = new(), PolicyTypes = ["Ingress"] });
        _node.Decide(new UdpPacket(Pod21, Pod11, 53, 5000, default), 0).Fate.ShouldBe(Fate.Drop);
        _node.Decide(new UdpPacket(Pod11, Pod21, 5000, 53, default), 0).Fate.ShouldBe(Fate.ForwardToNode);
        _node.Decide(new UdpPacket(Pod21, Pod11, 53, 5000, default), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(new UdpPacket(Pod21, Pod11, 54, 5000, default), 0).Fate.ShouldBe(Fate.Drop);
        _node.Conntrack.Expire(500);
        _node.Decide(new UdpPacket(Pod21, Pod11, 53, 5000, default), 500).Fate.ShouldBe(Fate.Drop);
    }

    [Fact]
    public void Echo_requests_are_judged_and_replies_and_errors_pass()
    {
        Policy("deny", DenyAll);
        IcmpPacket Icmp(IcmpKind kind) => new(Pod21, Pod11, kind, 7, 1, default);
        _node.Decide(Icmp(IcmpKind.EchoRequest), 0).Reason.ShouldBe(Reason.NetworkPolicy);
        _node.Decide(Icmp(IcmpKind.EchoReply), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(Icmp(IcmpKind.TimeExceeded), 0).Fate.ShouldBe(Fate.DeliverToPod);
    }

    [Fact]
    public void A_pods_own_node_is_always_allowed_and_other_nodes_are_not()
    {
        Policy("deny", DenyAll);
        _node.Decide(Syn(Node1, Pod11), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(Syn(Pod11, Node1), 0).Fate.ShouldBe(Fate.DeliverToHost);
        _node.Decide(Syn(Node2, Pod11), 0).Reason.ShouldBe(Reason.NetworkPolicy);
    }

    [Fact]
    public void A_flow_to_a_service_is_judged_by_its_endpoint()
    {
        Policy("out", new() { PodSelector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "a" } }, PolicyTypes = ["Egress"], Egress = [new() { To = [new() { PodSelector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "b" } } }] }] });
        Publish(Pod12);
        Bind(Syn(Pod11, ServiceIp));
        _node.Decide(Syn(Pod11, ServiceIp), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(Segment(Pod12, Pod11, 8080, 40000, TcpFlags.Syn | TcpFlags.Ack), 0).Fate.ShouldBe(Fate.DeliverToPod);

        Publish(Pod21);
        Bind(Syn(Pod11, ServiceIp, 40001));
        var verdict = _node.Decide(Syn(Pod11, ServiceIp, 40001), 0);
        (verdict.Fate, verdict.Reason).ShouldBe((Fate.Drop, Reason.NetworkPolicy));
        _node.Decide(Syn(Pod11, ServiceIp, 40001), 0).Fate.ShouldBe(Fate.BindService); // the choice is forgotten
    }

    [Fact]
    public void An_accepted_flow_to_a_service_stays_when_a_policy_comes_that_forbids_it()
    {
        Publish(Pod12);
        Bind(new UdpPacket(Pod11, ServiceIp, 5000, 80, default));
        _node.Decide(new UdpPacket(Pod11, ServiceIp, 5000, 80, default), 0).Fate.ShouldBe(Fate.DeliverToPod);
        _world.Policy("x", "deny", DenyAll);
        Publish(Pod12);
        _node.Decide(new UdpPacket(Pod11, ServiceIp, 5000, 80, default), 1).Fate.ShouldBe(Fate.DeliverToPod);
        _node.Decide(new UdpPacket(Pod12, Pod11, 8080, 5000, default), 1).Fate.ShouldBe(Fate.DeliverToPod);
    }

    [Fact]
    public void A_pod_that_reaches_itself_through_its_service_is_not_judged()
    {
        _world.Policy("x", "deny", DenyAll);
        Publish(Pod11);
        Bind(Syn(Pod11, ServiceIp));
        _node.Decide(Syn(Pod11, ServiceIp), 0).Fate.ShouldBe(Fate.DeliverToPod);
    }

    [Fact]
    public void Masquerading_on_the_endpoints_node_is_no_way_around_its_policy()
    {
        _world.Policy("x", "in", new() { PodSelector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "b" } }, PolicyTypes = ["Ingress"], Ingress = [new() { FromProperty = [new() { IpBlock = new() { Cidr = "192.0.2.0/24" } }] }] });
        Publish(Pod12);
        var (neighbour, outsider, allowed) = (Masqueraded(Pod11, 40000), Masqueraded(IpAddress.Parse("198.51.100.7"), 40001), Masqueraded(IpAddress.Parse("192.0.2.7"), 40002));
        (neighbour.Fate, neighbour.Reason).ShouldBe((Fate.Drop, Reason.NetworkPolicy));
        (outsider.Fate, outsider.Reason).ShouldBe((Fate.Drop, Reason.NetworkPolicy));
        (allowed.Fate, allowed.Packet.Source).ShouldBe((Fate.DeliverToPod, Node1));
        Masqueraded(Node1, 40003).Fate.ShouldBe(Fate.DeliverToPod); // the node itself

        Verdict Masqueraded(IpAddress sender, ushort port)
        {
            var first = Syn(sender, Node1, port, NodePort);
            Bind(first);
            return _node.Decide(first, 0);
        }
    }

    [Fact]
    public void What_a_pod_is_told_on_its_own_addresses_is_not_judged()
    {
        Policy("deny", DenyAll);
        _node.Decide(Syn(Pod11, Pod11), 0).Fate.ShouldBe(Fate.DeliverToPod);
    }

    [Fact]
    public void A_pod_is_isolated_from_its_first_packet_on_although_the_tables_do_not_know_it_yet()
    {
        Policy("deny", DenyAll);
        var address = IpAddress.Parse("10.244.1.9");
        _node.Attach([address], ActorRefs.Nobody, new PodIdentity("uid-9", "x", "late", new Dictionary<string, string>(), []));
        _node.Decide(Syn(Pod21, address), 0).Policy!.Pod.Name.ShouldBe("late");

        // And a new pod is not mistaken for the one that had its address.
        _node.Attach([Pod12], ActorRefs.Nobody, new PodIdentity("uid-10", "free", "heir", new Dictionary<string, string>(), []));
        _node.Decide(Syn(Node2, Pod12), 0).Fate.ShouldBe(Fate.DeliverToPod);
    }

    [Fact]
    public void A_trace_names_the_rule_that_allows_and_remembers_nothing()
    {
        Policy("in", new() { PodSelector = new(), PolicyTypes = ["Ingress"], Ingress = [new() { FromProperty = [new() { IpBlock = new() { Cidr = "10.0.0.0/8" } }] }] });
        var steps = new List<TraceStep>();
        _node.Decide(new UdpPacket(Pod21, Pod11, 1, 2, default), 0, steps).Fate.ShouldBe(Fate.DeliverToPod);
        steps.ShouldContain(new TraceStep("policy", "ingress of x/a: allowed by x/in, ingress[0], ipBlock 10.0.0.0/8"));
        _node.Conntrack.Count.ShouldBe(0);
    }

    private void Policy(string name, V1NetworkPolicySpec spec)
    {
        _world.Policy("x", name, spec);
        Publish();
    }

    private void Publish(params IpAddress[] endpoints)
    {
        var (tables, service) = (TwoNodes.WithPolicies(_world.Tables), Service("web", ServiceIp, endpoints));
        _node.Replace(endpoints.Length == 0 ? tables : tables.WithService(service with { Ports = [service.Ports[0] with { NodePort = NodePort }, service.Ports[1]] }));
    }

    private void Bind(Packet first)
    {
        var flow = _node.Decide(first, 0).Flow.ShouldNotBeNull();
        _node.Bind(first, flow, flow.Candidates[0], 0).ShouldBeTrue();
    }
}
