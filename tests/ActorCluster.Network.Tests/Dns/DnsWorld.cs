using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Tests.Dns;

/// <summary>A small cluster's services, and questions to its zone.</summary>
internal static class DnsWorld
{
    public static readonly NetworkTables Tables = NetworkTables.Empty.WithNamespace("default").WithNamespace("empty")
        .WithService(new("default", "web", [IpAddress.Parse("10.96.0.50")], null, [Port("default/web", "http", 80, [])]))
        .WithService(new("default", "db", [], null, [Port("default/db", "sql", 5432,
            [new(IpAddress.Parse("10.244.1.2"), 5432, "n1", "db-0"), new(IpAddress.Parse("10.244.2.2"), 5432, "n2", "db-1"), new(IpAddress.Parse("10.244.2.3"), 5432, "n2")])]))
        .WithService(new("default", "web2", [IpAddress.Parse("10.96.0.51")], null, [Port("default/web2", "http", 80, [new(IpAddress.Parse("10.244.3.3"), 8080, "n1")])]))
        .WithService(new("default", "nobody", [], null, [Port("default/nobody", "http", 80, [])]))
        .WithService(new("default", "address", [], "192.0.2.1", []))
        .WithService(new("default", "dotted", [], "web.default.svc.cluster.local.", []))
        .WithService(new("default", "unsayable", [], "a..b", []))
        .WithService(new("default", "ping", [], "pong.default.svc.cluster.local", []))
        .WithService(new("default", "pong", [], "ping.default.svc.cluster.local", []))
        .WithService(new("default", "alias", [], "web.default.svc.cluster.local", []))
        .WithService(new("default", "outside", [], "example.com", []))
        .WithService(new("default", "loop", [], "loop.default.svc.cluster.local", []))
        .WithService(new("default", "nowhere", [], "nosuch.default.svc.cluster.local", []))
        .WithService(new("default", "dual", [IpAddress.Parse("10.96.0.60"), IpAddress.Parse("fd00:10:96::60")], null,
            [Port("default/dual", "http", 80, []), Port("default/dual", "http", 80, []) with { IsV4 = false }, Port("default/dual", "dns", 53, []) with { Protocol = IpProtocol.Udp }]))
        .WithService(new("kube-system", "kube-dns", [IpAddress.Parse("10.96.0.10")], null, [Port("kube-system/kube-dns", "dns", 53, [new(IpAddress.Parse("10.244.9.9"), 53, "n1")])]))
        .WithService(new("default", "six", [], null, [Port("default/six", "", 80, [new(IpAddress.Parse("fd00:10:244:1::"), 80, "n1")]) with { IsV4 = false }]))
        .WithService(new("default", "portless", [], null, [Port("default/portless", "", 0, [new(IpAddress.Parse("10.244.4.4"), 0, "n1")])]))
        .WithService(new("default", "many", [], null, [Port("default/many", "", 80,
            [.. Enumerable.Range(0, 200).Select(i => new ServiceEndpoint(IpAddress.FromV4(0x0af40500u + (uint)i), 80, "n1"))])]));

    /// <summary>The tables with a chain of so many aliases from chain-1 to web.</summary>
    public static NetworkTables WithChain(int length) => Enumerable.Range(1, length).Aggregate(Tables, (tables, i) =>
        tables.WithService(new("default", $"chain-{i}", [], i == length ? "web.default.svc.cluster.local" : $"chain-{i + 1}.default.svc.cluster.local", [])));

    public static DnsMessage Ask(string name, DnsType type, ClusterDnsOptions? options = null, NetworkTables? tables = null) =>
        new ClusterDnsZone(options ?? new()).Answer(new() { Id = 7, RecursionDesired = true, Questions = [new(name, type)] }, tables ?? Tables);

    private static ServicePort Port(string service, string name, ushort port, ImmutableArray<ServiceEndpoint> ready) => new(service, name, IpProtocol.Tcp, port, true, ready, []);
}
