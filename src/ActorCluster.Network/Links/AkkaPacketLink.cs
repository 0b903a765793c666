using System.Collections.Concurrent;
using System.Net;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Links;

/// <summary>The packet link over Akka.Remote, there wherever the cluster is; and beside it, where they come about, direct TCP connections, which are faster.</summary>
/// <remarks>
/// Each process listens on a port of its own, which it tells with a secret to whoever asks by Akka; so whoever may join the cluster may connect.
/// Each direction of two processes has its own connection. It is asked for when packets go by Akka, and given up when it breaks or the cluster says
/// that the process can't be reached; then packets go by Akka again. Other processes' links are never watched: a process that dies or is cut off just gets no packets, and gets them again when it is back
/// at the same address.
/// </remarks>
public sealed class AkkaPacketLink : IPacketLink
{
    private readonly ExtendedActorSystem _system;
    private readonly SimulationContext _simulation;
    private readonly ConcurrentDictionary<string, IActorRef> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, OutgoingPackets> _outgoing = new(StringComparer.Ordinal);
    private readonly string _own;
    private readonly LinkCuts _cuts;
    private DirectListener? _listener;
    private IActorRef? _actor;

    private AkkaPacketLink(ActorSystem system, SimulationContext simulation, LinkCuts cuts)
    {
        (_system, _simulation, _cuts) = ((ExtendedActorSystem)system, simulation, cuts);
        _own = _system.Provider.DefaultAddress.ToString();
    }

    public PacketLinkCounters Counters { get; } = new();

    /// <summary>Starts the link of this process, with its actor at <see cref="WellKnown.PacketLinkPath"/>. The system's HOCON must include <see cref="NetworkSerialization.Config"/>.</summary>
    /// <param name="cuts">From which processes this one is cut off; null: from none, ever.</param>
    /// <param name="direct">False: packets go by Akka alone.</param>
    public static AkkaPacketLink Start(ActorSystem system, SimulationContext simulation, LinkCuts? cuts = null, bool direct = true)
    {
        var link = new AkkaPacketLink(system, simulation, cuts ?? new LinkCuts());
        // Where Akka listens, by its own configuration; a system without remoting has no other processes.
        if (direct && link._system.Provider.DefaultAddress.HasGlobalScope
            && IPAddress.TryParse(system.Settings.Config.GetString("akka.remote.dot-netty.tcp.hostname", ""), out var address))
        {
            var listener = link._listener = DirectListener.Start(address, link.OnDirect, simulation);
            system.RegisterOnTermination(() =>
            {
                listener.Dispose();
                foreach (var outgoing in link._outgoing.Values) outgoing.Disconnect();
            });
        }
        link._actor = system.ActorOf(PacketLinkActor.Props(link), WellKnown.PacketLinkPath.Split('/')[^1]);
        return link;
    }

    /// <summary>Do packets for a process go by a direct connection just now?</summary>
    public bool IsDirect(string processAddress) => _outgoing.TryGetValue(processAddress, out var outgoing) && outgoing.IsDirect;

    public void Send(NodeRoute destination, Packet packet)
    {
        if (_nodes.TryGetValue(destination.Name, out var local)) local.Tell(packet, ActorRefs.NoSender);
        else if (destination.ProcessAddress.Length == 0 || destination.ProcessAddress == _own) Counters.AddLost(1);
        else if (_cuts.LosesSent(destination.ProcessAddress)) Counters.AddLost(1);
        else OutgoingTo(destination.ProcessAddress).Add(new(destination.Name, packet));
    }

    public LinkLoss LossWith(NodeRoute node) => _nodes.ContainsKey(node.Name)
        ? LinkLoss.None
        : (_cuts.LosesSent(node.ProcessAddress) ? LinkLoss.Sent : LinkLoss.None) | (_cuts.LosesReceived(node.ProcessAddress) ? LinkLoss.Received : LinkLoss.None);

    public void Attach(string nodeName, IActorRef network) => _nodes[nodeName] = network;

    public void Detach(string nodeName, IActorRef network) => _nodes.TryRemove(KeyValuePair.Create(nodeName, network));

    private void OnDirect(string caller, PacketBatch batch)
    {
        if (_cuts.LosesReceived(caller)) Counters.AddLost(batch.Packets.Length);
        else OnBatch(batch);
    }

    internal void OnBatch(PacketBatch batch)
    {
        Counters.AddReceived(batch.Packets.Length);
        foreach (var (node, packet) in batch.Packets)
        {
            if (_nodes.TryGetValue(node, out var local)) local.Tell(packet, ActorRefs.NoSender);
            else Counters.AddLost(1);
        }
    }

    /// <summary>What another process is told that asks how to connect; null: it can't.</summary>
    internal DirectLinkOffer? Offer => _listener?.Offer;

    internal void OnOffer(string processAddress, DirectLinkOffer offer)
    {
        if (_outgoing.TryGetValue(processAddress, out var outgoing)) _ = outgoing.ConnectAsync(offer);
    }

    internal void OnUnreachable(string processAddress)
    {
        if (_outgoing.TryGetValue(processAddress, out var outgoing)) outgoing.Disconnect();
    }

    private OutgoingPackets OutgoingTo(string processAddress) => _outgoing.TryGetValue(processAddress, out var outgoing)
        ? outgoing
        // A reference by path, without uid: it means whoever is there, also after that process came back.
        : _outgoing.GetOrAdd(processAddress, static (address, link) =>
            new(link._system.Provider.ResolveActorRef(address + WellKnown.PacketLinkPath), link._listener is null ? null : link._actor, link._own, link._simulation, link.Counters), this);
}
