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
using Akka.Actor;
using Akka.TestKit.Xunit2;

namespace ActorCluster.Nodes.Tests.ServiceHealth;

public class ServiceHealthTests : TestKit
{
    private static readonly IpAddress Node = IpAddress.Parse("172.18.0.2");
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);

    [Fact]
    public async Task A_node_tells_at_the_port_whether_it_has_ready_endpoints()
    {
        using var host = new NetworkNamespace(new() { Name = "n1", Addresses = [Node] }, _simulation, _ => { });
        await using var server = new SharedHttpServer(_simulation);
        var actor = Sys.ActorOf(ServiceHealthActor.Props(new("n1", host, server, TestActor, _simulation)));
        ExpectMsg<Subscribe>();

        actor.Tell(new ReplaceTables(Tables("n1", "n2")));
        await AwaitAssertAsync(async () => (await AskAsync(host)).ShouldStartWith("HTTP/1.1 200 OK"));
        var healthy = await AskAsync(host);
        healthy.ShouldContain("X-Load-Balancing-Endpoint-Weight: 1\r\n");
        healthy.ShouldContain("{\n\t\"service\": {\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t},\n\t\"localEndpoints\": 1,\n\t\"serviceProxyHealthy\": true\n}");

        actor.Tell(new ReplaceTables(Tables("n2")));
        await AwaitAssertAsync(async () => (await AskAsync(host)).ShouldStartWith("HTTP/1.1 503 Service Unavailable"));
        (await AskAsync(host)).ShouldContain("\"localEndpoints\": 0");

        actor.Tell(new ReplaceTables(NetworkTables.Empty));
        await AwaitAssertAsync(async () => (await Should.ThrowAsync<SocketFaultException>(() => AskAsync(host))).Fault.ShouldBe(SocketFault.ConnectionRefused));
    }

    private static NetworkTables Tables(params string[] nodes) => NetworkTables.Empty.WithService(new ServiceEntry("default", "web", [IpAddress.Parse("10.96.0.9")], null,
    [
        new ServicePort("default/web", "", IpProtocol.Tcp, 80, true,
            [.. nodes.Select((node, index) => new ServiceEndpoint(IpAddress.Parse($"10.244.{index}.2"), 80, node))], [new(IpAddress.Parse("10.244.9.9"), 80, "n1")]),
    ]) { HealthCheckNodePort = 32000 });

    private static async Task<string> AskAsync(NetworkNamespace host)
    {
        await using var connection = await host.ConnectTcpAsync(new(Node, 32000));
        await connection.Output.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        var answer = new MemoryStream();
        await connection.Input.CopyToAsync(answer);
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
