using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Forwarding;

/// <summary>How far an association is, as conntrack sees it pass (net/netfilter/nf_conntrack_proto_sctp.c).</summary>
internal enum SctpFlowState : byte
{
    /// <summary>Over, or never properly begun.</summary>
    Closed,
    CookieWait,
    CookieEchoed,
    Established,

    /// <summary>The client wants to end.</summary>
    ShutdownSent,

    /// <summary>The server wants to end.</summary>
    ShutdownReceived,
    ShutdownAckSent,
}

internal static class SctpFlowStates
{
    /// <summary>Seconds without a packet (the kernel's sctp_timeouts). An idle association's HEARTBEATs keep it established.</summary>
    public static long Timeout(this SctpFlowState state) => state switch
    {
        SctpFlowState.Closed => 10,
        SctpFlowState.Established => 210,
        _ => 3,
    };

    /// <summary>The state after a packet of the association.</summary>
    public static SctpFlowState After(this SctpFlowState state, SctpPacket packet, bool reply)
    {
        foreach (var chunk in packet.Chunks) state = After(state, chunk, reply);
        return state;
    }

    private static SctpFlowState After(SctpFlowState state, SctpChunk chunk, bool reply) => (chunk, state) switch
    {
        (SctpInit, SctpFlowState.Closed) when !reply => SctpFlowState.CookieWait,
        (SctpInit, SctpFlowState.ShutdownSent or SctpFlowState.ShutdownReceived) when !reply => SctpFlowState.Closed,
        (SctpInitAck, SctpFlowState.Closed) when reply => SctpFlowState.CookieWait,
        (SctpCookieEcho, SctpFlowState.CookieWait) => SctpFlowState.CookieEchoed,
        (SctpCookieAck, SctpFlowState.CookieEchoed) => SctpFlowState.Established,
        (SctpShutdown, SctpFlowState.Established) => reply ? SctpFlowState.ShutdownReceived : SctpFlowState.ShutdownSent,
        (SctpShutdownAck, SctpFlowState.ShutdownSent or SctpFlowState.ShutdownReceived) => SctpFlowState.ShutdownAckSent,
        (SctpShutdownComplete, SctpFlowState.ShutdownAckSent) => SctpFlowState.Closed,
        (SctpAbort, _) => SctpFlowState.Closed,
        _ => state,
    };
}
