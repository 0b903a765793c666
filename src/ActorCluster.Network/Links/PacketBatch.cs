using System.Collections.Immutable;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Links;

/// <summary>Packets on their way to the nodes of another process, in order.</summary>
internal sealed record PacketBatch(ImmutableArray<RoutedPacket> Packets);

/// <param name="Node">The name of the node it goes to.</param>
internal readonly record struct RoutedPacket(string Node, Packet Packet);
