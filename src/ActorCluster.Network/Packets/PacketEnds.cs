using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Packets;

/// <summary>Where a packet comes from and goes to; the ports are 0 where the packet's own type keeps them, or has none.</summary>
internal sealed record PacketEnds(IpAddress Source, ushort SourcePort, IpAddress Destination, ushort DestinationPort);
