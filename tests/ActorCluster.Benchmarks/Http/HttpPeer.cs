using System.Collections.Immutable;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Benchmarks.Network;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Http;

/// <summary>The serving process of <see cref="ProcessToProcessHttpBenchmark"/>: pods on the link and a Kestrel on loopback; and the network that both processes are in.</summary>
internal static class HttpPeer
{
    public const string Role = "http";

    public const string ClientAddress = "10.244.1.2";

    /// <summary>Whose endpoints are <see cref="LocalEndpoints"/>.</summary>
    public const string LocalService = "10.96.0.50";

    /// <summary>Whose endpoints are <see cref="RemoteEndpoints"/>.</summary>
    public const string RemoteService = "10.96.0.51";

    /// <summary>On the client's node.</summary>
    public static readonly ImmutableArray<string> LocalEndpoints = ["10.244.1.3", "10.244.1.4", "10.244.1.5"];

    /// <summary>On the other node.</summary>
    public static readonly ImmutableArray<string> RemoteEndpoints = ["10.244.2.2", "10.244.2.3", "10.244.2.4"];

    public static async Task RunAsync(string clientProcess)
    {
        using var system = LinkPeer.StartSystem();
        var simulation = SimulationContext.RealTime(1);
        await using var server = new SharedHttpServer(simulation);
        var here = AddressOf(system);
        var node = SimulatedPod.StartNode(system, simulation, AkkaPacketLink.Start(system, simulation), ServerNode(here), Tables(clientProcess, here));
        foreach (var endpoint in RemoteEndpoints) SimulatedPod.Start(system, simulation, node, endpoint).Serve(server);
        await using var loopback = await LoopbackServer.StartAsync();
        await ChildProcess.ReadyAsync(here, loopback.Address);
    }

    public static string AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress.ToString();

    public static NodeRoute ClientNode(string process) => new("n1", [IpAddress.Parse("172.18.0.2")], process, [IpNetwork.Parse("10.244.1.0/24")]);

    private static NodeRoute ServerNode(string process) => new("n2", [IpAddress.Parse("172.18.0.3")], process, [IpNetwork.Parse("10.244.2.0/24")]);

    public static NetworkTables Tables(string clientProcess, string serverProcess) => NetworkTables.Empty
        .WithNode(ClientNode(clientProcess)).WithNode(ServerNode(serverProcess))
        .WithService(Service("local", LocalService, LocalEndpoints, "n1")).WithService(Service("remote", RemoteService, RemoteEndpoints, "n2"));

    private static ServiceEntry Service(string name, string address, ImmutableArray<string> endpoints, string node) =>
        new("default", name, [IpAddress.Parse(address)], null,
            [new($"default/{name}", "", IpProtocol.Tcp, SimulatedPod.Port, true, [.. endpoints.Select(endpoint => new ServiceEndpoint(IpAddress.Parse(endpoint), SimulatedPod.Port, node))], [])]);
}
