using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Forwarding;

/// <summary>What became of a packet on a node; one that a fault delayed is told when it goes on.</summary>
/// <param name="Time">By the simulation's clock.</param>
/// <param name="Packet">As it came to the node.</param>
/// <param name="Sent">As it goes on, translated; what came where it goes nowhere.</param>
/// <param name="Fate">DeliverToPod, DeliverToHost, ForwardToNode, BindService, BindHostPort (a flow's first packet, which comes again with its endpoint), Reject or Drop.</param>
/// <param name="Reason">Why, one word.</param>
/// <param name="NextNode">Where it is forwarded to.</param>
/// <param name="Rule">The network policies' decision, or the fault, that dropped it.</param>
public readonly record struct ObservedPacket(DateTimeOffset Time, string Node, Packet Packet, Packet Sent, string Fate, string Reason, string? NextNode, string? Rule)
{
    /// <summary>Nobody gets it.</summary>
    public bool IsLost => Fate is nameof(Forwarding.Fate.Drop) or nameof(Forwarding.Fate.Reject);
}
