using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Network.Tests.Tables;

public class NetworkTablesSpecs
{
    [Property(MaxTest = 30)]
    public void A_snapshot_map_holds_what_a_dictionary_would_and_never_changes(int seed)
    {
        var random = new Random(seed);
        var (map, expected) = (SnapshotMap<int, int>.Empty, new Dictionary<int, int>());
        for (var i = 0; i < 3000; i++)
        {
            var (key, before, count) = (random.Next(1000), map, map.Count);
            if (random.Next(3) == 0) (map, _) = (map.Without(key), expected.Remove(key));
            else (map, expected[key]) = (map.With(key, i), i);
            before.Count.ShouldBe(count);
            if (i % 100 == 0) before.Values.Count().ShouldBe(count);
        }
        map.Count.ShouldBe(expected.Count);
        foreach (var key in Enumerable.Range(0, 1000))
            (map.TryGetValue(key, out var value), value).ShouldBe((expected.TryGetValue(key, out var other), other));
    }

    [Fact]
    public void Endpoints_come_from_the_slices_of_the_service_by_port_name_and_condition()
    {
        var builder = new NetworkTablesBuilder();
        builder.OnService(null, Service());
        builder.OnSlice(null, Slice("web-1",
            new() { Addresses = ["10.244.1.2"], Conditions = new() { Ready = true } },
            new() { Addresses = ["10.244.1.3"], Conditions = new() { Ready = false, Serving = true, Terminating = true } },
            new() { Addresses = ["10.244.1.4"], Conditions = new() { Ready = false, Serving = false } }));
        builder.OnSlice(null, Slice("web-2", new V1Endpoint { Addresses = ["10.244.2.2"] }));
        var port = Port(builder.Build());
        port.Ready.Select(endpoint => $"{endpoint.Address}:{endpoint.Port}").ShouldBe(["10.244.1.2:8080", "10.244.2.2:8080"]);
        port.ServingTerminating.Select(endpoint => endpoint.Address.ToString()).ShouldBe(["10.244.1.3"]);

        builder.OnSlice(Slice("web-2"), null);
        Port(builder.Build()).Ready.Length.ShouldBe(1);
    }

    [Fact]
    public void What_keeps_a_port_from_having_endpoints_is_counted()
    {
        var builder = new NetworkTablesBuilder();
        builder.OnService(null, Service());
        builder.OnSlice(null, Slice("web-1", new() { Addresses = ["10.244.1.2"], Conditions = new() { Ready = false } }, new() { Addresses = ["10.244.1.3"], Conditions = new() { Ready = false, Serving = false } }));
        var withoutPort = Slice("web-2", new V1Endpoint { Addresses = ["10.244.2.2"] });
        withoutPort.Ports.RemoveAt(1);
        builder.OnSlice(null, withoutPort);
        var port = Port(builder.Build());
        (port.Ready.Length, port.NotReady, port.WithoutPort).ShouldBe((0, 2, 1));
    }

    [Fact]
    public void While_a_process_is_lost_services_have_none_of_its_nodes_endpoints()
    {
        const string lost = "akka.tcp://actorcluster@127.0.0.1:20001";
        var builder = new NetworkTablesBuilder();
        builder.OnNode(null, Node("n1", lost));
        builder.OnNode(null, Node("n2", "akka.tcp://actorcluster@127.0.0.1:20002"));
        builder.OnService(null, Service());
        builder.OnSlice(null, Slice("web-1", new() { Addresses = ["10.244.1.2"], NodeName = "n1" }, new() { Addresses = ["10.244.2.2"], NodeName = "n2" }, new() { Addresses = ["10.9.9.9"] }));
        Port(builder.Build()).Ready.Length.ShouldBe(3);

        builder.OnProcess(lost, lost: true);
        Port(builder.Build()).Ready.Select(endpoint => endpoint.Address.ToString()).ShouldBe(["10.244.2.2", "10.9.9.9"], ignoreOrder: true);
        builder.OnSlice(null, Slice("web-2", new V1Endpoint { Addresses = ["10.244.1.3"], NodeName = "n1" }));
        Port(builder.Build()).Ready.Length.ShouldBe(2);

        builder.OnProcess(lost, lost: false);
        Port(builder.Build()).Ready.Length.ShouldBe(4);

        static V1Node Node(string name, string process) => new()
        {
            Metadata = new() { Name = name, Annotations = new Dictionary<string, string> { [Contracts.Runtime.WellKnown.ProcessAddressAnnotation] = process } },
        };
    }

    [Theory]
    [InlineData("service.kubernetes.io/headless")]
    [InlineData("service.kubernetes.io/service-proxy-name")]
    public void A_slice_or_service_that_is_not_the_proxys_has_no_endpoints_for_it(string label)
    {
        var builder = new NetworkTablesBuilder();
        var slice = Slice("web-1", new V1Endpoint { Addresses = ["10.244.1.2"] });
        builder.OnService(null, Service());
        builder.OnSlice(null, slice);
        Port(builder.Build()).Ready.Length.ShouldBe(1);

        var labelled = Slice("web-1", new V1Endpoint { Addresses = ["10.244.1.2"] });
        labelled.Metadata.Labels[label] = "";
        builder.OnSlice(slice, labelled);
        Port(builder.Build()).Ready.ShouldBeEmpty();

        builder.OnSlice(labelled, slice);
        var service = Service();
        service.Metadata.Labels = new Dictionary<string, string> { [label] = "" };
        builder.OnService(null, service);
        Port(builder.Build()).Ready.ShouldBeEmpty();
    }

    [Fact]
    public void A_change_to_one_service_leaves_the_others_as_they_are()
    {
        var builder = new NetworkTablesBuilder();
        builder.OnService(null, Service());
        builder.OnService(null, Service("other", "10.96.0.51"));
        var before = builder.Build();
        builder.OnSlice(null, Slice("web-1", new V1Endpoint { Addresses = ["10.244.1.2"] }));
        var after = builder.Build();
        after.TryGetService("default", "other", out var other).ShouldBeTrue();
        before.TryGetService("default", "other", out var same).ShouldBeTrue();
        other.ShouldBeSameAs(same);
        Port(before).Ready.ShouldBeEmpty();
        Port(after).Ready.Length.ShouldBe(1);
    }

    [Fact]
    public void A_change_of_one_service_among_thousands_leaves_every_other_entry_the_same_object()
    {
        var before = NetworkTables.Empty;
        for (var i = 0; i < 2000; i++) before = before.WithService(Numbered(i, 8080));
        var after = before.WithService(Numbered(7, 9090));
        for (var i = 0; i < 2000; i++)
        {
            before.TryGetFrontend(FrontendOf(i), out var old).ShouldBeTrue();
            after.TryGetFrontend(FrontendOf(i), out var now).ShouldBeTrue();
            ReferenceEquals(now, old).ShouldBe(i != 7);
        }

        static ServiceKey FrontendOf(int index) => new(IpAddress.FromV4(0x0a600000 + (uint)index), 80, IpProtocol.Tcp);
        static ServiceEntry Numbered(int index, ushort target) => new("default", $"web-{index}", [FrontendOf(index).Address], null,
            [new($"default/web-{index}", "", IpProtocol.Tcp, 80, true, [new(IpAddress.Parse("10.244.1.2"), target, "n1")], [])]);
    }

    [Fact]
    public void A_deleted_service_or_node_is_gone_with_all_its_addresses()
    {
        var builder = new NetworkTablesBuilder();
        builder.OnService(null, Service());
        builder.OnNode(null, Node("n1", "172.18.0.2", "10.244.1.0/24"));
        var tables = builder.Build();
        tables.TryRoute(IpAddress.Parse("10.244.1.77"), out var route).ShouldBeTrue();
        (route!.Name, route.ProcessAddress).ShouldBe(("n1", "akka.tcp://x"));
        builder.OnService(Service(), null);
        builder.OnNode(Node("n1", "172.18.0.2", "10.244.1.0/24"), null);
        tables = builder.Build();
        tables.TryRoute(IpAddress.Parse("10.244.1.77"), out _).ShouldBeFalse();
        tables.TryRoute(IpAddress.Parse("172.18.0.2"), out _).ShouldBeFalse();
        tables.TryGetClusterIp(IpAddress.Parse("10.96.0.50"), out _).ShouldBeFalse();
        tables.TryGetFrontend(new(IpAddress.Parse("10.96.0.50"), 80, IpProtocol.Tcp), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_service_is_found_at_every_address_that_its_type_gives_it_and_at_none_after_the_type_has_changed()
    {
        var builder = new NetworkTablesBuilder();
        var balanced = Service() with
        {
            Spec = new()
            {
                Type = "LoadBalancer", ClusterIP = "10.96.0.50", ClusterIPs = ["10.96.0.50"], ExternalIPs = ["192.0.2.7"],
                LoadBalancerSourceRanges = [" 172.18.0.0/16"], InternalTrafficPolicy = "Cluster", ExternalTrafficPolicy = "Local", SessionAffinity = "ClientIP",
                SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = 77 } }, Ports = [new() { Name = "http", Port = 80, Protocol = "TCP", NodePort = 30080 }],
            },
            Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = "172.18.255.1" }, new() { Ip = "172.18.255.2", IpMode = "Proxy" }] } },
        };
        builder.OnService(null, balanced);
        var tables = builder.Build();
        Kinds(tables).ShouldBe([FrontendKind.ClusterIp, FrontendKind.ExternalIp, FrontendKind.LoadBalancer, null, FrontendKind.NodePort]);
        var port = Port(tables);
        (port.NodePort, port.InternalLocal, port.ExternalLocal, port.AffinitySeconds).ShouldBe(((ushort)30080, false, true, 77));
        port.SourceRanges.ShouldBe([IpNetwork.Parse("172.18.0.0/16")]);

        builder.OnService(balanced, Service());
        Kinds(builder.Build()).ShouldBe([FrontendKind.ClusterIp, null, null, null, null]);
        builder.OnService(Service(), Service() with { Spec = new() { Type = "ExternalName", ExternalName = "example.com" } });
        Kinds(builder.Build()).ShouldAllBe(kind => kind == null);

        static FrontendKind?[] Kinds(NetworkTables tables) =>
        [
            .. "10.96.0.50 192.0.2.7 172.18.255.1 172.18.255.2".Split(' ')
                .Select(ip => tables.TryGetFrontend(new(IpAddress.Parse(ip), 80, IpProtocol.Tcp), out var frontend) ? frontend.Kind : (FrontendKind?)null),
            tables.TryGetNodePort(30080, IpProtocol.Tcp, true, out var nodePort) ? nodePort.Kind : null,
        ];
    }

    private static ServicePort Port(NetworkTables tables)
    {
        tables.TryGetFrontend(new(IpAddress.Parse("10.96.0.50"), 80, IpProtocol.Tcp), out var frontend).ShouldBeTrue();
        return frontend!.Port;
    }

    private static V1Service Service(string name = "web", string address = "10.96.0.50") => new()
    {
        Metadata = new() { NamespaceProperty = "default", Name = name },
        Spec = new() { ClusterIP = address, ClusterIPs = [address], Ports = [new() { Name = "http", Port = 80, Protocol = "TCP" }] },
    };

    private static V1EndpointSlice Slice(string name, params V1Endpoint[] endpoints) => new()
    {
        Metadata = new() { NamespaceProperty = "default", Name = name, Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" } },
        AddressType = "IPv4",
        Ports = [new() { Name = "other", Port = 1, Protocol = "TCP" }, new() { Name = "http", Port = 8080, Protocol = "TCP" }],
        Endpoints = endpoints,
    };

    private static V1Node Node(string name, string address, string cidr) => new()
    {
        Metadata = new() { Name = name, Annotations = new Dictionary<string, string> { ["actorcluster.io/process-address"] = "akka.tcp://x" } },
        Spec = new() { PodCIDR = cidr },
        Status = new() { Addresses = [new() { Type = "InternalIP", Address = address }] },
    };
}
