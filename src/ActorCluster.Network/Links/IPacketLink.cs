using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Links;

/// <summary>Carries packets from node to node, within the process and between processes. One for each process; safe for concurrent use.</summary>
public interface IPacketLink
{
    /// <summary>Sends a packet towards a node. Never waits, never fails: as on a wire, a packet that can't be delivered is lost (and counted).</summary>
    void Send(NodeRoute destination, Packet packet);

    /// <summary>What is lost just now between this process and another node's, as far as this one knows.</summary>
    LinkLoss LossWith(NodeRoute node) => LinkLoss.None;

    /// <summary>From now on packets for this node of this process go to <paramref name="network"/>, its <c>NodeNetworkActor</c>.</summary>
    void Attach(string nodeName, IActorRef network);

    /// <summary>Undoes <see cref="Attach"/>, if it is still <paramref name="network"/> that is attached.</summary>
    void Detach(string nodeName, IActorRef network);
}
