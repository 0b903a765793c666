namespace ActorCluster.Network.Sctp;

/// <summary>RFC 9260, 4.</summary>
internal enum SctpState : byte
{
    Closed,
    CookieWait,
    CookieEchoed,
    Established,

    /// <summary>The program wants to end, and what it sent is not yet acknowledged.</summary>
    ShutdownPending,
    ShutdownSent,

    /// <summary>The peer wants to end, and what we sent is not yet acknowledged.</summary>
    ShutdownReceived,
    ShutdownAckSent,
}

internal static class SctpStateNames
{
    /// <summary>The name that the kernel's tools print.</summary>
    public static string Name(this SctpState state) => state switch
    {
        SctpState.Closed => "CLOSED",
        SctpState.CookieWait => "COOKIE_WAIT",
        SctpState.CookieEchoed => "COOKIE_ECHOED",
        SctpState.Established => "ESTABLISHED",
        SctpState.ShutdownPending => "SHUTDOWN_PENDING",
        SctpState.ShutdownSent => "SHUTDOWN_SENT",
        SctpState.ShutdownReceived => "SHUTDOWN_RECEIVED",
        SctpState.ShutdownAckSent => "SHUTDOWN_ACK_SENT",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
