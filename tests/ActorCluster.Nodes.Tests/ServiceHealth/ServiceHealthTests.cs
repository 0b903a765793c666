using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Nodes.ServiceHealth;
using ActorCluster.Tests.Shared;
using Akka.Actor;

namespace ActorCluster.Nodes.Tests.ServiceHealth;

public class ServiceHealthTests : PatientTestKit
{
    private static readonly IpAddress Node = IpAddress.Parse("172.18.0.2");
    private static readonly IpAddress NodeV6 = IpAddress.Parse("fc00:f853:ccd:e793::2");
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);

    [Fact]
    public async Task A_node_tells_at_the_port_whether_it_has_ready_endpoints()
    {
        using var host = new NetworkNamespace(new() { Name = "n1", Addresses = [Node, NodeV6] }, _simulation, _ => { });
        await using var server = new SharedHttpServer(_simulation);
        var actor = Sys.ActorOf(ServiceHealthActor.Props(new("n1", host, server, TestActor, _simulation)));
        ExpectMsg<Subscribe>();

        actor.Tell(new ReplaceTables(Tables("n1", "n2")));
        await AwaitAssertAsync(async () => (await AskAsync(host)).ShouldStartWith("HTTP/1.1 200 OK"), Patience);
        var healthy = await AskAsync(host);
        healthy.ShouldContain("X-Load-Balancing-Endpoint-Weight: 1\r\n");
        // Each family's proxy counts its own endpoints.
        (await AskAsync(host, NodeV6)).ShouldContain("\"localEndpoints\": 0");
        healthy.ShouldContain("{\n\t\"service\": {\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t},\n\t\"localEndpoints\": 1,\n\t\"serviceProxyHealthy\": true\n}");

        actor.Tell(new ReplaceTables(Tables("n2")));
        await AwaitAssertAsync(async () => (await AskAsync(host)).ShouldStartWith("HTTP/1.1 503 Service Unavailable"), Patience);
        (await AskAsync(host)).ShouldContain("\"localEndpoints\": 0");

        actor.Tell(new ReplaceTables(NetworkTables.Empty));
        await AwaitAssertAsync(async () => (await Should.ThrowAsync<SocketFaultException>(() => AskAsync(host))).Fault.ShouldBe(SocketFault.ConnectionRefused), Patience);
    }

    [Fact]
    public async Task The_nodes_proxy_tells_its_health_and_its_mode_where_kube_proxy_does()
    {
        using var host = new NetworkNamespace(new() { Name = "n1", Addresses = [Node, NodeV6] }, _simulation, _ => { });
        await using var server = new SharedHttpServer(_simulation);
        var actor = Sys.ActorOf(ServiceHealthActor.Props(new("n1", host, server, TestActor, _simulation)));
        ExpectMsg<Subscribe>();

        foreach (var address in (IpAddress[])[Node, NodeV6, IpAddress.LoopbackV4])
        {
            var healthy = await AskAsync(host, address, 10256, "/healthz");
            healthy.ShouldStartWith("HTTP/1.1 200 OK");
            healthy.ShouldMatch("\"lastUpdated\":\"[^\"]+Z\",\"currentTime\":\"[^\"]+Z\",\"nodeEligible\":true,\"healthy\":true}");
        }
        (await AskAsync(host, Node, 10256, "/other")).ShouldStartWith("HTTP/1.1 404");
        (await AskAsync(host, IpAddress.LoopbackV4, 10249, "/proxyMode")).ShouldEndWith("actorcluster");
        (await Should.ThrowAsync<SocketFaultException>(() => AskAsync(host, Node, 10249, "/proxyMode"))).Fault.ShouldBe(SocketFault.ConnectionRefused);

        actor.Tell(new ReplaceTables(NetworkTables.Empty.WithNode(new NodeRoute("n1", [Node], "", []) { IsLeaving = true })));
        await AwaitAssertAsync(async () => (await AskAsync(host, Node, 10256, "/healthz")).ShouldStartWith("HTTP/1.1 503"), Patience);
        (await AskAsync(host, Node, 10256, "/healthz")).ShouldContain("\"nodeEligible\":false");
        (await AskAsync(host, Node, 10256, "/livez")).ShouldStartWith("HTTP/1.1 200 OK");

        Sys.Stop(actor);
        await AwaitAssertAsync(async () => (await Should.ThrowAsync<SocketFaultException>(() => AskAsync(host, Node, 10256, "/healthz"))).Fault.ShouldBe(SocketFault.ConnectionRefused), Patience);
    }

    private static NetworkTables Tables(params string[] nodes) => NetworkTables.Empty.WithService(new ServiceEntry("default", "web", [IpAddress.Parse("10.96.0.9")], null,
    [
        new ServicePort("default/web", "", IpProtocol.Tcp, 80, true,
            [.. nodes.Select((node, index) => new ServiceEndpoint(IpAddress.Parse($"10.244.{index}.2"), 80, node))], [new(IpAddress.Parse("10.244.9.9"), 80, "n1")]),
    ]) { HealthCheckNodePort = 32000 });

    [Fact]
    public void Endpoints_are_counted_by_family_and_pods_with_several_ports_once()
    {
        ServicePort Port(ushort number, bool v4, params string[] ready) => new("default/web", "", IpProtocol.Tcp, number, v4, [.. ready.Select(ip => new ServiceEndpoint(IpAddress.Parse(ip), 80, "n1"))], []);
        var tables = NetworkTables.Empty.WithService(new ServiceEntry("default", "web", [], "", [Port(80, true, "10.244.1.2"), Port(81, true, "10.244.1.2"), Port(80, false, "fd00::1", "fd00::2")])
        {
            HealthCheckNodePort = 32000,
        });
        var report = ServiceHealthReport.All(tables, "n1")[32000];
        (report.Endpoints(v4: true), report.Endpoints(v4: false), report.StatusCode(v4: false)).ShouldBe((1, 2, 200));
        (ServiceHealthReport.All(tables, "n2")[32000].StatusCode(v4: false)).ShouldBe(503);
    }

    private static async Task<string> AskAsync(NetworkNamespace host, IpAddress? address = null, ushort port = 32000, string path = "/")
    {
        await using var connection = await host.ConnectTcpAsync(new(address ?? Node, port));
        await connection.Output.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        var answer = new MemoryStream();
        await connection.Input.CopyToAsync(answer);
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
