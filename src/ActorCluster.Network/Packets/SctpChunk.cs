using System.Collections.Immutable;

namespace ActorCluster.Network.Packets;

/// <summary>One chunk of an SCTP packet (RFC 9260, 3.3). Parameters that SCTP here has no use for (address lists, ECN, extensions) don't exist.</summary>
public abstract record SctpChunk;

[Flags]
public enum SctpDataFlags : byte
{
    None = 0,

    /// <summary>The last fragment of a message.</summary>
    Ending = 0x01,

    /// <summary>The first fragment of a message.</summary>
    Beginning = 0x02,
    Unordered = 0x04,

    /// <summary>The sender wants its acknowledgment at once.</summary>
    Immediate = 0x08,
}

/// <summary>DATA (3.3.1): a message of the user, or a fragment of one.</summary>
/// <param name="Tsn">The transmission sequence number.</param>
/// <param name="PayloadProtocol">The payload protocol identifier: the users' own affair.</param>
public sealed record SctpData(SctpDataFlags Flags, uint Tsn, ushort Stream, ushort StreamSequence, uint PayloadProtocol, ReadOnlyMemory<byte> Payload) : SctpChunk
{
    /// <summary>Bytes in front of the payload.</summary>
    public const int HeaderLength = 16;

    public bool IsUnordered => Flags.HasFlag(SctpDataFlags.Unordered);
}

/// <summary>INIT (3.3.2).</summary>
/// <param name="Tag">What the sender wants to find in each packet's verification tag.</param>
/// <param name="Window">Bytes that the sender has room for.</param>
public sealed record SctpInit(uint Tag, uint Window, ushort OutboundStreams, ushort InboundStreams, uint InitialTsn) : SctpChunk;

/// <summary>INIT ACK (3.3.3).</summary>
/// <param name="Cookie">The state cookie: all that its sender will need to know of the association, so that it needn't remember anything now.</param>
public sealed record SctpInitAck(uint Tag, uint Window, ushort OutboundStreams, ushort InboundStreams, uint InitialTsn, ReadOnlyMemory<byte> Cookie) : SctpChunk;

/// <summary>SACK (3.3.4).</summary>
/// <param name="CumulativeTsn">Everything up to it has arrived.</param>
/// <param name="Window">Bytes that the sender has room for now.</param>
/// <param name="Gaps">What has arrived beyond.</param>
/// <param name="Duplicates">TSNs that came again.</param>
public sealed record SctpSack(uint CumulativeTsn, uint Window, ImmutableArray<SctpGap> Gaps, ImmutableArray<uint> Duplicates) : SctpChunk;

/// <summary>A gap ack block: TSNs that have arrived, as distances from the cumulative TSN, both ends included.</summary>
public readonly record struct SctpGap(ushort Start, ushort End);

/// <summary>HEARTBEAT (3.3.5).</summary>
/// <param name="Information">Comes back as it is.</param>
public sealed record SctpHeartbeat(ReadOnlyMemory<byte> Information) : SctpChunk;

/// <summary>HEARTBEAT ACK (3.3.6).</summary>
public sealed record SctpHeartbeatAck(ReadOnlyMemory<byte> Information) : SctpChunk;

/// <summary>ABORT (3.3.7).</summary>
/// <param name="TagIsReflected">The T bit: its sender doesn't know the association, and the packet's tag is the one that it was asked with.</param>
public sealed record SctpAbort(bool TagIsReflected, ImmutableArray<SctpCause> Causes) : SctpChunk;

/// <summary>SHUTDOWN (3.3.8).</summary>
public sealed record SctpShutdown(uint CumulativeTsn) : SctpChunk;

/// <summary>SHUTDOWN ACK (3.3.9).</summary>
public sealed record SctpShutdownAck : SctpChunk;

/// <summary>ERROR (3.3.10).</summary>
public sealed record SctpError(ImmutableArray<SctpCause> Causes) : SctpChunk;

/// <summary>COOKIE ECHO (3.3.11).</summary>
public sealed record SctpCookieEcho(ReadOnlyMemory<byte> Cookie) : SctpChunk;

/// <summary>COOKIE ACK (3.3.12).</summary>
public sealed record SctpCookieAck : SctpChunk;

/// <summary>SHUTDOWN COMPLETE (3.3.13).</summary>
/// <param name="TagIsReflected">As in <see cref="SctpAbort"/>.</param>
public sealed record SctpShutdownComplete(bool TagIsReflected) : SctpChunk;

/// <summary>Why something went wrong (3.3.10).</summary>
public readonly record struct SctpCause(SctpCauseCode Code, ReadOnlyMemory<byte> Information = default);

public enum SctpCauseCode : ushort
{
    InvalidStream = 1,
    StaleCookie = 3,
    OutOfResource = 4,
    NoUserData = 9,
    CookieReceivedWhileShuttingDown = 10,
    UserInitiatedAbort = 12,
    ProtocolViolation = 13,
}
