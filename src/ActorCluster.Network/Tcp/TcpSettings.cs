namespace ActorCluster.Network.Tcp;

/// <summary>A connection's parameters. Times are in ticks of 100 ns.</summary>
internal sealed record TcpSettings
{
    public static readonly TcpSettings Default = new();

    public int MaximumSegmentSize { get; init; } = 65495;
    public int ReceiveBuffer { get; init; } = 256 * 1024;
    public int SendBuffer { get; init; } = 256 * 1024;
    public long TimeWait { get; init; } = 60 * TimeSpan.TicksPerSecond;
    public int SynRetries { get; init; } = 6;
    public int DataRetries { get; init; } = 15;

    /// <summary>How long an acknowledgment may wait for data to ride on (Linux: 40 ms; RFC 9293, 3.8.6.3: below 500 ms).</summary>
    public long DelayedAck { get; init; } = 40 * TimeSpan.TicksPerMillisecond;

    /// <summary>The least shift that lets a 16-bit window field say all of the receive buffer (RFC 7323, 2.3).</summary>
    public byte WindowScale
    {
        get
        {
            byte scale = 0;
            while (scale < 14 && ReceiveBuffer >> scale > ushort.MaxValue) scale++;
            return scale;
        }
    }
}
