namespace ActorCluster.ApiServer.Spdy;

/// <summary>One frame of SPDY/3.1 (http://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1). Stream 0 is the connection itself.</summary>
internal abstract record SpdyFrame
{
    /// <summary>Opens a stream; the initiator is done with its half when <paramref name="Fin"/> is set.</summary>
    public sealed record SynStream(uint Id, IReadOnlyDictionary<string, string> Headers, bool Fin = false) : SpdyFrame;

    public sealed record SynReply(uint Id, IReadOnlyDictionary<string, string> Headers, bool Fin = false) : SpdyFrame;

    public sealed record MoreHeaders(uint Id, IReadOnlyDictionary<string, string> Values, bool Fin = false) : SpdyFrame;

    public sealed record Data(uint Id, ReadOnlyMemory<byte> Bytes, bool Fin = false) : SpdyFrame;

    public sealed record RstStream(uint Id, SpdyReset Status) : SpdyFrame;

    /// <summary>Answered with itself; clients use odd numbers.</summary>
    public sealed record Ping(uint Id) : SpdyFrame;

    public sealed record GoAway(uint LastId, uint Status) : SpdyFrame;

    /// <summary>The receiver has room for so many bytes more.</summary>
    public sealed record WindowUpdate(uint Id, int Delta) : SpdyFrame;

    /// <param name="InitialWindow">The window that streams start with; null when the frame doesn't say.</param>
    public sealed record Settings(int? InitialWindow) : SpdyFrame;

    /// <summary>A control frame that this server has no use for.</summary>
    public sealed record Unknown(int Type) : SpdyFrame;
}

internal enum SpdyReset : uint
{
    ProtocolError = 1,
    InvalidStream = 2,
    RefusedStream = 3,
    Cancel = 5,
    InternalError = 6,
    FlowControlError = 7,
}

/// <summary>The peer doesn't speak SPDY: the connection can't go on.</summary>
internal sealed class SpdyException(string message, Exception? inner = null) : IOException(message, inner);
