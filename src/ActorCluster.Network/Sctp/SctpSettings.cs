namespace ActorCluster.Network.Sctp;

/// <summary>An association's parameters, with RFC 9260's values (16) where it has some. Times are in ticks of 100 ns.</summary>
internal sealed record SctpSettings
{
    public static readonly SctpSettings Default = new();

    /// <summary>The largest IP packet, in bytes.</summary>
    public int MaximumTransmissionUnit { get; init; } = 65535;

    /// <summary>Bytes of messages, complete or not, that may wait for the program; each chunk's header counts.</summary>
    public int ReceiveBuffer { get; init; } = 256 * 1024;

    /// <summary>Bytes that may wait for the peer's acknowledgment, counted likewise.</summary>
    public int SendBuffer { get; init; } = 256 * 1024;

    /// <summary>Streams that we would like to send on (Linux: 10); the peer may allow fewer.</summary>
    public ushort OutboundStreams { get; init; } = 10;

    /// <summary>Streams that the peer may send on.</summary>
    public ushort InboundStreams { get; init; } = 2048;

    /// <summary>Max.Init.Retransmits: of INIT and COOKIE ECHO together.</summary>
    public int InitRetries { get; init; } = 8;

    /// <summary>Association.Max.Retrans: retransmissions and heartbeats in a row without an answer.</summary>
    public int Retries { get; init; } = 10;

    public long DelayedAck { get; init; } = 200 * TimeSpan.TicksPerMillisecond;
    public long HeartbeatInterval { get; init; } = 30 * TimeSpan.TicksPerSecond;
    public long CookieLife { get; init; } = 60 * TimeSpan.TicksPerSecond;
}
