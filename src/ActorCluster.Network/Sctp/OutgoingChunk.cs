using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Sctp;

/// <summary>A DATA chunk until it is acknowledged.</summary>
internal sealed class OutgoingChunk(SctpData data)
{
    public SctpData Data => data;
    public int Cost { get; } = MessageAssembly.Cost(data);

    /// <summary>In a gap ack block: arrived, but what was before it has not.</summary>
    public bool IsGapAcknowledged { get; set; }

    /// <summary>To be sent again as soon as the congestion window allows.</summary>
    public bool IsLost { get; set; }

    /// <summary>SACKs that acknowledged later ones but not it.</summary>
    public int Misses { get; set; }

    /// <summary>That happens once only (7.2.4).</summary>
    public bool WasFastRetransmitted { get; set; }
}
