using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Packets;

/// <summary>An SCTP packet (RFC 9260, 3): the common header and its chunks. The checksum is the business of who makes bytes of it.</summary>
/// <param name="VerificationTag">The tag that its receiver chose; 0 for INIT.</param>
public sealed record SctpPacket(
    IpAddress Source,
    IpAddress Destination,
    ushort SourcePort,
    ushort DestinationPort,
    uint VerificationTag,
    ImmutableArray<SctpChunk> Chunks,
    byte TimeToLive = 64) : Packet(Source, Destination, TimeToLive)
{
    /// <summary>Bytes of the common header.</summary>
    public const int HeaderLength = 12;

    public override int Length => (Source.IsV4 ? 20 : 40) + HeaderLength + SctpChunkCodec.Length(Chunks);

    /// <summary>It asks for a new association: an INIT is always alone in its packet.</summary>
    public bool IsInit => Chunks is [SctpInit];

    public bool Contains<T>() where T : SctpChunk
    {
        foreach (var chunk in Chunks)
            if (chunk is T) return true;
        return false;
    }
}
