using ActorCluster.Benchmarks.Harness;
using ActorCluster.Benchmarks.Network;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Links;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Http;

/// <summary>The serving process of <see cref="ProcessToProcessHttpBenchmark"/>: a pod on the link and a Kestrel on loopback.</summary>
internal static class HttpPeer
{
    public const string Role = "http";
    public const string ServerAddress = "10.244.2.2";

    public static async Task RunAsync(string clientProcess)
    {
        using var system = LinkPeer.StartSystem();
        var simulation = SimulationContext.RealTime(1);
        await using var server = new SharedHttpServer(simulation);
        var here = AddressOf(system);
        var node = SimulatedPod.StartNode(system, simulation, AkkaPacketLink.Start(system, simulation), ServerNode(here), Tables(clientProcess, here));
        SimulatedPod.Start(system, simulation, node, ServerAddress).Serve(server);
        await using var loopback = await LoopbackServer.StartAsync();
        await ChildProcess.ReadyAsync(here, loopback.Address);
    }

    public static string AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress.ToString();

    public static NodeRoute ClientNode(string process) => new("n1", [IpAddress.Parse("172.18.0.2")], process, [IpNetwork.Parse("10.244.1.0/24")]);

    public static NodeRoute ServerNode(string process) => new("n2", [IpAddress.Parse("172.18.0.3")], process, [IpNetwork.Parse("10.244.2.0/24")]);

    public static NetworkTables Tables(string clientProcess, string serverProcess) =>
        NetworkTables.Empty.WithNode(ClientNode(clientProcess)).WithNode(ServerNode(serverProcess));
}
