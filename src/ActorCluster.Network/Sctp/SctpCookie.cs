using System.Buffers.Binary;

namespace ActorCluster.Network.Sctp;

/// <summary>All that a listener has to know of an association, kept by the one who asked for it until it comes back (RFC 9260, 5.1.3).</summary>
/// <param name="CreatedAt">In ticks of 100 ns, on the listener's clock.</param>
/// <param name="LocalTag">The listener's tag.</param>
/// <param name="PeerWindow">Bytes that the peer has room for.</param>
/// <param name="LocalTieTag">The listener's tag in an association that there was already; 0: there was none.</param>
internal readonly record struct SctpCookie(
    long CreatedAt,
    uint LocalTag,
    uint PeerTag,
    uint LocalTsn,
    uint PeerTsn,
    uint PeerWindow,
    ushort PeerOutboundStreams,
    ushort PeerInboundStreams,
    uint LocalTieTag,
    uint PeerTieTag)
{
    public const int Length = 8 + 5 * 4 + 2 * 2 + 2 * 4;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt64BigEndian(to, CreatedAt);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], LocalTag);
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], PeerTag);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], LocalTsn);
        BinaryPrimitives.WriteUInt32BigEndian(to[20..], PeerTsn);
        BinaryPrimitives.WriteUInt32BigEndian(to[24..], PeerWindow);
        BinaryPrimitives.WriteUInt16BigEndian(to[28..], PeerOutboundStreams);
        BinaryPrimitives.WriteUInt16BigEndian(to[30..], PeerInboundStreams);
        BinaryPrimitives.WriteUInt32BigEndian(to[32..], LocalTieTag);
        BinaryPrimitives.WriteUInt32BigEndian(to[36..], PeerTieTag);
    }

    public static SctpCookie Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64BigEndian(from),
        BinaryPrimitives.ReadUInt32BigEndian(from[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[20..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[24..]),
        BinaryPrimitives.ReadUInt16BigEndian(from[28..]),
        BinaryPrimitives.ReadUInt16BigEndian(from[30..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[32..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[36..]));
}
