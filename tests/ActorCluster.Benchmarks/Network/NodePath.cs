using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dispatching;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Network;

/// <summary>One node with two pods, and packets from the first to the second.</summary>
internal sealed class NodePath : IAsyncDisposable
{
    private static readonly object Empty = new();

    private readonly ActorSystem _system = ActorSystem.Create("benchmark");

    /// <summary>Pod, node, pod.</summary>
    /// <param name="destination">The server's address, or one of a service in front of it.</param>
    public Task<double> ThroughNodeAsync(NetworkTables tables, IpAddress destination, TimeSpan duration, CancellationToken cancellationToken)
    {
        var simulation = SimulationContext.RealTime(1);
        var node = _system.ActorOf(NodeNetworkActor.Props(new("n1", IpAddress.Parse("172.18.0.2"), simulation, NoLink.Instance)).OnPacketPath(_system));
        node.Tell(new ReplaceTables(tables));
        var sequence = 0u;
        // Each packet is a new one with the ends of its connection, as a pod's are.
        var ends = new PacketEnds(ManyServices.Client, 40000, destination, 80);
        return RunAsync(() => node.Tell(new TcpPacket(ends, ++sequence, 1, TcpFlags.Ack, 1000, default), ActorRefs.NoSender), (source, sink) =>
        {
            node.Tell(new AttachPod([ManyServices.Client], source));
            node.Tell(new AttachPod([ManyServices.Server], sink));
        }, duration, [node], sink => sink.OnPacketPath(_system), cancellationToken);
    }

    /// <summary>As many actors, which do nothing but pass an empty message on.</summary>
    public Task<double> ThroughBareChainAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var middle = _system.ActorOf(Props.Create(() => new PassOnActor()));
        return RunAsync(() => middle.Tell(Empty, ActorRefs.NoSender), (_, sink) => middle.Tell(new Next(sink)), duration, [middle], sink => sink, cancellationToken);
    }

    public async ValueTask DisposeAsync() => await _system.Terminate();

    private async Task<double> RunAsync(
        Action send, Action<IActorRef, IActorRef> connect, TimeSpan duration, IActorRef[] temporary, Func<Props, Props> place, CancellationToken cancellationToken)
    {
        IActorRef? source = null;
        var sink = _system.ActorOf(place(PacketPump.SinkProps(() => source!.Tell(Empty, ActorRefs.NoSender))));
        source = _system.ActorOf(PacketPump.SourceProps(send));
        connect(source, sink);
        var rate = await PacketPump.RunAsync(source, sink, duration, cancellationToken);
        foreach (var actor in (IActorRef[])[.. temporary, source, sink]) await actor.GracefulStop(TimeSpan.FromSeconds(10));
        return rate;
    }

    /// <summary>There is no other node.</summary>
    private sealed class NoLink : IPacketLink
    {
        public static readonly NoLink Instance = new();

        public void Send(NodeRoute destination, Packet packet) => throw new InvalidOperationException($"A packet left for {destination.Name}.");
        public void Attach(string nodeName, IActorRef network) { }
        public void Detach(string nodeName, IActorRef network) { }
    }

    private sealed record Next(IActorRef Actor);

    private sealed class PassOnActor : UntypedActor
    {
        private IActorRef _next = ActorRefs.Nobody;

        protected override void OnReceive(object message)
        {
            if (message is Next next) _next = next.Actor;
            else _next.Tell(message, ActorRefs.NoSender);
        }
    }
}
