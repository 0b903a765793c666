using System.Collections.Concurrent;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Links;

/// <summary>The packet link over Akka.Remote: simple, and there wherever the cluster is.</summary>
/// <remarks>
/// Other processes' links are never watched: a process that dies or is cut off just gets no packets, and gets them again when it is back
/// at the same address.
/// </remarks>
public sealed class AkkaPacketLink : IPacketLink
{
    private readonly ExtendedActorSystem _system;
    private readonly SimulationContext _simulation;
    private readonly ConcurrentDictionary<string, IActorRef> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, OutgoingPackets> _outgoing = new(StringComparer.Ordinal);
    private readonly string _own;

    private AkkaPacketLink(ActorSystem system, SimulationContext simulation)
    {
        (_system, _simulation) = ((ExtendedActorSystem)system, simulation);
        _own = _system.Provider.DefaultAddress.ToString();
    }

    public PacketLinkCounters Counters { get; } = new();

    /// <summary>Starts the link of this process, with its actor at <see cref="WellKnown.PacketLinkPath"/>. The system's HOCON must include <see cref="NetworkSerialization.Config"/>.</summary>
    public static AkkaPacketLink Start(ActorSystem system, SimulationContext simulation)
    {
        var link = new AkkaPacketLink(system, simulation);
        system.ActorOf(PacketLinkActor.Props(link), WellKnown.PacketLinkPath.Split('/')[^1]);
        return link;
    }

    public void Send(NodeRoute destination, Packet packet)
    {
        if (_nodes.TryGetValue(destination.Name, out var local)) local.Tell(packet, ActorRefs.NoSender);
        else if (destination.ProcessAddress.Length == 0 || destination.ProcessAddress == _own) Counters.AddLost(1);
        else OutgoingTo(destination.ProcessAddress).Add(new(destination.Name, packet));
    }

    public void Attach(string nodeName, IActorRef network) => _nodes[nodeName] = network;

    public void Detach(string nodeName, IActorRef network) => _nodes.TryRemove(KeyValuePair.Create(nodeName, network));

    internal void OnBatch(PacketBatch batch)
    {
        Counters.AddReceived(batch.Packets.Length);
        foreach (var (node, packet) in batch.Packets)
        {
            if (_nodes.TryGetValue(node, out var local)) local.Tell(packet, ActorRefs.NoSender);
            else Counters.AddLost(1);
        }
    }

    private OutgoingPackets OutgoingTo(string processAddress) => _outgoing.TryGetValue(processAddress, out var outgoing)
        ? outgoing
        // A reference by path, without uid: it means whoever is there, also after that process came back.
        : _outgoing.GetOrAdd(processAddress, static (address, link) =>
            new(link._system.Provider.ResolveActorRef(address + WellKnown.PacketLinkPath), link._simulation.Pipes, link.Counters), this);
}
