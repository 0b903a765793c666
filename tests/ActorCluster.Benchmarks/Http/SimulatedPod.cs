using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dispatching;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Links;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Http;

/// <summary>A pod on a node's network as a PodActor has it: a namespace whose packets come and go by messages.</summary>
internal sealed class SimulatedPod
{
    public const ushort Port = 80;

    private SimulatedPod(NetworkNamespace network, IpAddress address) => (Network, Address) = (network, address);

    public NetworkNamespace Network { get; }

    public IpAddress Address { get; }

    public static IActorRef StartNode(ActorSystem system, SimulationContext simulation, IPacketLink link, NodeRoute self, NetworkTables tables)
    {
        var node = system.ActorOf(NodeNetworkActor.Props(new(self.Name, self.Addresses[0], simulation, link)).OnPacketPath(system), self.Name);
        node.Tell(new ReplaceTables(tables));
        return node;
    }

    public static SimulatedPod Start(ActorSystem system, SimulationContext simulation, IActorRef node, string address)
    {
        var parsed = IpAddress.Parse(address);
        var network = new NetworkNamespace(new NetworkNamespaceOptions { Name = $"default/{address}", Addresses = [parsed] }, simulation, packet => node.Tell(packet, ActorRefs.NoSender));
        node.Tell(new AttachPod([parsed], system.ActorOf(NamespaceActor.Props(network, system))));
        return new SimulatedPod(network, parsed);
    }

    /// <summary>Serves what <see cref="HttpLoad"/> asks for until the server is disposed of.</summary>
    public void Serve(SharedHttpServer server) => _ = server.ServeAsync(Network.ListenTcp(new SocketAddress(Address, Port)), HttpLoad.AnswerAsync);

    /// <summary>An HTTP client in this pod.</summary>
    public HttpMessageInvoker CreateClient(int connections)
    {
        var handler = SimulatedHttpClientFactory.CreateHandler(Network, (name, _) => Task.FromResult<IReadOnlyList<IpAddress>>([IpAddress.Parse(name)]));
        handler.MaxConnectionsPerServer = connections;
        return new HttpMessageInvoker(handler);
    }
}
