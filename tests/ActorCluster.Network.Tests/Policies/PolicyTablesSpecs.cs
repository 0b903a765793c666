using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Network.Tests.Policies;

public class PolicyTablesSpecs
{
    private static readonly IpAddress Web = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress Client = IpAddress.Parse("10.0.0.2");
    private static readonly IpAddress Stranger = IpAddress.Parse("10.0.1.1");
    private static readonly IpAddress Outside = IpAddress.Parse("192.168.5.5");

    private readonly PolicyWorld _world = new PolicyWorld()
        .Namespace("x", ("team", "blue"))
        .Namespace("y", ("team", "red"))
        .Pod("x", "web", "10.0.0.1", [("app", "web")], "http=80/TCP", "dns=53/UDP")
        .Pod("x", "client", "10.0.0.2", [("app", "client")])
        .Pod("y", "stranger", "10.0.1.1", [("app", "client")]);

    [Property(MaxTest = 200)]
    public void After_any_changes_the_tables_say_what_the_api_objects_say(int seed)
    {
        var (world, random) = (new PolicyWorld(), new RandomPolicies(seed));
        for (var i = 0; i < 30; i++)
        {
            random.Change(world);
            if (i % 3 != 0) continue; // several changes in one build, as they come
            var tables = world.Tables;
            for (var j = 0; j < 20; j++)
            {
                var (from, to, protocol, port) = random.Flow();
                PolicyWorld.Allows(tables, from, to, protocol, port).ShouldBe(world.NaivelyAllows(from, to, protocol, port), $"{protocol} {from} > {to}:{port} after change {i}");
            }
        }
    }

    [Fact]
    public void Without_policies_everything_passes()
    {
        _world.Tables.IsEmpty.ShouldBeTrue();
        Passes(Stranger, Web).ShouldBeTrue();
    }

    [Fact]
    public void A_policy_isolates_the_pods_it_selects_in_its_direction_only()
    {
        Ingress("web");
        (Passes(Client, Web), Passes(Outside, Web), Passes(Web, Client), Passes(Stranger, Client)).ShouldBe((false, false, true, true));
    }

    [Fact]
    public void Both_ends_must_allow()
    {
        Ingress("web", new V1NetworkPolicyIngressRule());
        _world.Policy("x", "out", new() { PodSelector = Selecting("app", "client"), PolicyTypes = ["Egress"] });
        Passes(Client, Web).ShouldBeFalse();
        _world.Policy("x", "out", new() { PodSelector = Selecting("app", "client"), PolicyTypes = ["Egress"], Egress = [new() { To = [new() { PodSelector = Selecting("app", "web") }] }] });
        Passes(Client, Web).ShouldBeTrue();
        Ingress("web");
        Passes(Client, Web).ShouldBeFalse();
    }

    [Fact]
    public void Selectors_in_one_peer_must_both_match_and_of_several_peers_one()
    {
        Ingress("web", From(new V1NetworkPolicyPeer { PodSelector = Selecting("app", "web"), NamespaceSelector = Selecting("team", "red") }));
        Passes(Stranger, Web).ShouldBeFalse();
        Ingress("web", From(new V1NetworkPolicyPeer { PodSelector = Selecting("app", "web") }, new V1NetworkPolicyPeer { NamespaceSelector = Selecting("team", "red") }));
        Passes(Stranger, Web).ShouldBeTrue();
    }

    [Fact]
    public void A_pod_selector_alone_means_the_policys_own_namespace()
    {
        Ingress("web", From(new V1NetworkPolicyPeer { PodSelector = Selecting("app", "client") }));
        (Passes(Client, Web), Passes(Stranger, Web)).ShouldBe((true, false));
    }

    [Fact]
    public void Exceptions_of_a_block_are_left_out()
    {
        Ingress("web", From(new V1NetworkPolicyPeer { IpBlock = new() { Cidr = "192.168.0.0/16", Except = ["192.168.6.0/24"] } }));
        (Passes(Outside, Web), Passes(IpAddress.Parse("192.168.6.1"), Web), Passes(Client, Web)).ShouldBe((true, false, false));
    }

    [Fact]
    public void A_named_port_is_the_receivers_and_protocols_are_told_apart()
    {
        Ingress("web", new V1NetworkPolicyIngressRule { Ports = [new() { Port = "http", Protocol = "TCP" }, new() { Port = "90", EndPort = 95, Protocol = "SCTP" }] });
        (Passes(Client, Web, 80), Passes(Client, Web, 53), Passes(Client, Web, 80, IpProtocol.Udp), Passes(Client, Web, 80, IpProtocol.Sctp)).ShouldBe((true, false, false, false));
        (Passes(Client, Web, 95, IpProtocol.Sctp), Passes(Client, Web, 96, IpProtocol.Sctp), Passes(Client, Web, 95)).ShouldBe((true, false, false));
    }

    [Fact]
    public void What_one_rule_leaves_out_another_may_allow()
    {
        Ingress("web", From(new V1NetworkPolicyPeer { IpBlock = new() { Cidr = "192.168.0.0/16", Except = ["192.168.5.0/24"] } }));
        Passes(Outside, Web).ShouldBeFalse();
        _world.Policy("x", "more", new() { PodSelector = Selecting("app", "web"), PolicyTypes = ["Ingress"], Ingress = [From(new V1NetworkPolicyPeer { IpBlock = new() { Cidr = "192.168.5.5/32" } })] });
        (Passes(Outside, Web), Passes(IpAddress.Parse("192.168.5.6"), Web)).ShouldBe((true, false));
    }

    [Fact]
    public void A_name_that_no_port_has_allows_nothing_and_harms_no_other_rule()
    {
        Ingress("web", new V1NetworkPolicyIngressRule { Ports = [new() { Port = "metrics" }] });
        (Passes(Client, Web), Passes(Client, Web, 0, IpProtocol.Icmp)).ShouldBe((false, false));
        Ingress("web", new V1NetworkPolicyIngressRule { Ports = [new() { Port = "metrics" }, new() { Port = "http" }] });
        (Passes(Client, Web), Passes(Client, Web, 81)).ShouldBe((true, false));
        _world.Pod("x", "web", "10.0.0.1", [("app", "web")], "metrics=81/TCP"); // as a rolling update would rename it
        (Passes(Client, Web), Passes(Client, Web, 81)).ShouldBe((false, true));
    }

    [Fact]
    public void Selectors_that_match_nothing_isolate_nobody_and_allow_nobody()
    {
        _world.Policy("x", "nobody", new() { PodSelector = Selecting("app", "absent"), PolicyTypes = ["Ingress", "Egress"] });
        (Passes(Client, Web), Passes(Outside, Web)).ShouldBe((true, true));
        Ingress("web", From(new V1NetworkPolicyPeer { PodSelector = Selecting("app", "absent") }, new V1NetworkPolicyPeer { NamespaceSelector = Selecting("team", "absent") }));
        (Passes(Client, Web), Passes(Stranger, Web)).ShouldBe((false, false));
        _world.Pod("x", "client", "10.0.0.2", [("app", "absent")]);
        (Passes(Client, Web), Passes(Client, Stranger), Passes(Web, Client)).ShouldBe((false, false, false)); // now it is selected itself
    }

    [Fact]
    public void A_range_of_ports_has_both_its_ends()
    {
        Ingress("web", new V1NetworkPolicyIngressRule { Ports = [new() { Port = "80", EndPort = 82 }, new() { Port = "90", EndPort = 90 }] });
        new ushort[] { 79, 80, 81, 82, 83, 89, 90, 91 }.Where(port => Passes(Client, Web, port)).ShouldBe([80, 81, 82, 90]);
        Passes(Client, Web, 81, IpProtocol.Udp).ShouldBeFalse();
    }

    [Fact]
    public void A_named_port_in_egress_is_looked_up_at_the_pod_that_is_reached()
    {
        _world.Policy("x", "out", new() { PodSelector = new(), PolicyTypes = ["Egress"], Egress = [new() { Ports = [new() { Port = "http" }] }] });
        (Passes(Client, Web, 80), Passes(Client, Stranger, 80), Passes(Client, Outside, 80)).ShouldBe((true, false, false));
    }

    [Fact]
    public void Ports_that_are_named_are_no_way_for_echo_requests()
    {
        Ingress("web", new V1NetworkPolicyIngressRule { Ports = [new() { Protocol = "TCP" }] });
        Passes(Client, Web, 0, IpProtocol.Icmp).ShouldBeFalse();
        Ingress("web", new V1NetworkPolicyIngressRule());
        Passes(Client, Web, 0, IpProtocol.Icmp).ShouldBeTrue();
    }

    [Fact]
    public void Types_that_a_policy_leaves_out_follow_from_its_rules()
    {
        _world.Policy("x", "p", new() { PodSelector = Selecting("app", "web") });
        (Passes(Client, Web), Passes(Web, Client)).ShouldBe((false, true));
        _world.Policy("x", "p", new() { PodSelector = Selecting("app", "web"), Egress = [new() { To = [new() { IpBlock = new() { Cidr = "1.1.1.1/32" } }] }] });
        (Passes(Client, Web), Passes(Web, Client)).ShouldBe((false, false));
    }

    [Fact]
    public void Labels_of_pods_and_namespaces_count_as_they_are_now()
    {
        Ingress("web", From(new V1NetworkPolicyPeer { NamespaceSelector = Selecting("team", "blue"), PodSelector = Selecting("app", "client") }));
        Passes(Stranger, Web).ShouldBeFalse();
        _world.Namespace("y", ("team", "blue"));
        Passes(Stranger, Web).ShouldBeTrue();
        _world.Pod("y", "stranger", "10.0.1.1", [("app", "other")]);
        Passes(Stranger, Web).ShouldBeFalse();
        _world.Pod("x", "web", "10.0.0.1", [("app", "free")]);
        Passes(Stranger, Web).ShouldBeTrue();
    }

    [Fact]
    public void The_decision_names_the_policy_the_rule_and_the_peer()
    {
        Ingress("web", new V1NetworkPolicyIngressRule { Ports = [new() { Port = "81" }] }, From(new V1NetworkPolicyPeer { PodSelector = Selecting("app", "client") }));
        Decide(Client).ToString().ShouldBe("ingress of x/web: allowed by x/web, ingress[1], podSelector app=client");
        var denied = Decide(Stranger);
        (denied.IsAllowed, denied.ToString()).ShouldBe((false, "ingress of x/web: isolated by x/web, no rule matched"));
    }

    [Fact]
    public void What_can_not_be_read_allows_nothing()
    {
        Ingress("web", From(new V1NetworkPolicyPeer { IpBlock = new() { Cidr = "nonsense" } }),
            From(new V1NetworkPolicyPeer { PodSelector = new() { MatchExpressions = [new() { Key = "app", OperatorProperty = "Near" }] } }));
        Passes(Client, Web).ShouldBeFalse();
        Ingress("web", From(new V1NetworkPolicyPeer { IpBlock = new() { Cidr = "10.0.0.0/8", Except = ["nonsense"] } }));
        Passes(Client, Web).ShouldBeFalse();
    }

    [Fact]
    public void An_ended_pod_no_longer_stands_for_its_address()
    {
        Ingress("web", From(new V1NetworkPolicyPeer { PodSelector = Selecting("app", "client") }));
        var pod = _world.Pods["x/client"];
        pod.Status!.Phase = "Succeeded";
        _world.Pod(pod);
        Passes(Client, Web).ShouldBeFalse();
    }

    private PolicyDecision Decide(IpAddress from)
    {
        var tables = _world.Tables;
        tables.TryGetPod(Web, out var pod).ShouldBeTrue();
        return tables.Evaluate(PolicyDirection.Ingress, pod!, from, IpProtocol.Tcp, 80).ShouldNotBeNull();
    }

    private bool Passes(IpAddress from, IpAddress to, ushort port = 80, IpProtocol protocol = IpProtocol.Tcp) => PolicyWorld.Allows(_world.Tables, from, to, protocol, port);

    private void Ingress(string app, params V1NetworkPolicyIngressRule[] rules) =>
        _world.Policy("x", app, new() { PodSelector = Selecting("app", app), PolicyTypes = ["Ingress"], Ingress = rules });

    private static V1NetworkPolicyIngressRule From(params V1NetworkPolicyPeer[] peers) => new() { FromProperty = peers };

    private static V1LabelSelector Selecting(string key, string value) => new() { MatchLabels = new Dictionary<string, string> { [key] = value } };
}
