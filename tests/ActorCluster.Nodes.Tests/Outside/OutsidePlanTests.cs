using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Nodes.Outside;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Tests.Outside;

public class OutsidePlanTests
{
    private static readonly IpAddress Node1 = IpAddress.Parse("172.18.0.2");
    private static readonly IpAddress Node2 = IpAddress.Parse("172.18.0.3");
    private static readonly IpAddress Balancer = IpAddress.Parse("172.18.255.1");

    [Fact]
    public void Each_node_has_its_node_ports_and_one_of_the_ready_ones_has_the_load_balancer()
    {
        var tables = Tables(Port(onNode: "n2"));
        Planned(tables, "n1", Node1).ShouldBe(["172.18.0.2:30080", "172.18.255.1:80"]);
        Planned(tables, "n2", Node2).ShouldBe(["172.18.0.3:30080"]);
        var lost = tables.WithNode(Node("n1", Node1, ready: false));
        Planned(lost, "n1", Node1).ShouldBe(["172.18.0.2:30080"]);
        Planned(lost, "n2", Node2).ShouldBe(["172.18.0.3:30080", "172.18.255.1:80"]);
    }

    [Fact]
    public void A_node_that_comes_back_leaves_the_load_balancer_to_the_one_that_has_it()
    {
        var morning = new DateTime(2026, 1, 1, 8, 0, 0, DateTimeKind.Utc);
        var returned = Tables(Port(onNode: "n2")).WithNode(Node("n1", Node1) with { ReadySince = morning.AddHours(1) }).WithNode(Node("n2", Node2) with { ReadySince = morning });
        Planned(returned, "n1", Node1).ShouldBe(["172.18.0.2:30080"]);
        Planned(returned, "n2", Node2).ShouldBe(["172.18.0.3:30080", "172.18.255.1:80"]);
    }

    [Fact]
    public void A_load_balancer_with_the_policy_local_is_where_its_endpoints_are()
    {
        var tables = Tables(Port(onNode: "n2") with { ExternalLocal = true });
        Planned(tables, "n1", Node1).ShouldBe(["172.18.0.2:30080"]);
        Planned(tables, "n2", Node2).ShouldBe(["172.18.0.3:30080", "172.18.255.1:80"]);
        Planned(Tables(Port(onNode: null) with { ExternalLocal = true }), "n1", Node1).ShouldContain("172.18.255.1:80");
    }

    [Fact]
    public void A_service_of_the_cluster_alone_has_no_socket() =>
        Planned(Tables(Port(onNode: "n1") with { NodePort = 0 }, balanced: false), "n1", Node1).ShouldBeEmpty();

    [Fact]
    public void Addresses_of_the_cluster_have_their_like_on_loopback_and_ports_of_root_are_shifted()
    {
        var place = LoopbackAddresses.Of(new SocketAddress(Balancer, 80));
        place.ShouldBe(new IPEndPoint(IPAddress.Parse("127.18.255.1"), 80));
        LoopbackAddresses.After(place, SocketError.AccessDenied, LoopbackAddresses.Anywhere).ShouldBe(new IPEndPoint(IPAddress.Parse("127.18.255.1"), 8080));
        LoopbackAddresses.After(place, SocketError.AddressNotAvailable, LoopbackAddresses.Anywhere).ShouldBe(LoopbackAddresses.Anywhere);
        LoopbackAddresses.After(new(IPAddress.Parse("127.18.255.1"), 8080), SocketError.AddressAlreadyInUse, LoopbackAddresses.Anywhere).ShouldBe(LoopbackAddresses.Anywhere);
    }

    [Fact]
    public void A_service_of_IPv6_alone_has_sockets_at_the_places_that_IPv4_would_have_and_with_both_families_IPv4_is_enough()
    {
        var (v4, v6) = (Port(onNode: "n1"), Port(onNode: "n1") with { IsV4 = false });
        var balancers = (ImmutableArray<IpAddress>)[Balancer, IpAddress.Parse("fc00:f853:ccd:e793::ff01")];
        Planned(Tables(v6, balancers), "n1", Node1).ShouldBe(["[fc00:f853:ccd:e793::2]:30080", "[fc00:f853:ccd:e793::ff01]:80"]);
        var both = Tables(v6, balancers).WithService(new ServiceEntry("default", "web", [IpAddress.Parse("10.96.0.50"), IpAddress.Parse("fd00:10:96::50")], null, [v4, v6]) { LoadBalancerIps = balancers });
        Planned(both, "n1", Node1).ShouldBe(["172.18.0.2:30080", "172.18.255.1:80"]);
        LoopbackAddresses.Of(new(IpAddress.Parse("fc00:f853:ccd:e793::2"), 30080)).ShouldBe(LoopbackAddresses.Of(new(Node1, 30080)));
        LoopbackAddresses.Of(new(balancers[1], 80)).ShouldBe(LoopbackAddresses.Of(new(Balancer, 80)));
    }

    private static string[] Planned(NetworkTables tables, string node, IpAddress address) =>
        [.. OutsidePlan.Of(tables, node, NodeAddresses.Of([address, IpAddress.Parse($"fc00:f853:ccd:e793::{address.V4Bits & 0xff:x}")])).Select(socket => socket.Target.ToString()).Order(StringComparer.Ordinal)];

    private static NetworkTables Tables(ServicePort port, bool balanced = true) => Tables(port, balanced ? [Balancer] : []);

    private static NetworkTables Tables(ServicePort port, ImmutableArray<IpAddress> balancers) => NetworkTables.Empty.WithNode(Node("n1", Node1)).WithNode(Node("n2", Node2))
        .WithService(new ServiceEntry("default", "web", [IpAddress.Parse("10.96.0.50")], null, [port]) { LoadBalancerIps = balancers });

    private static ServicePort Port(string? onNode) =>
        new("default/web", "", IpProtocol.Tcp, 80, true, onNode is null ? [] : [new(IpAddress.Parse("10.244.2.2"), 8080, onNode)], []) { NodePort = 30080 };

    private static NodeRoute Node(string name, IpAddress address, bool ready = true) => new(name, [address], "akka://x", []) { IsReady = ready };
}
