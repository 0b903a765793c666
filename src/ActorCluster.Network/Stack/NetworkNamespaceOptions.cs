using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Stack;

/// <summary>What one network namespace is made with.</summary>
public sealed record NetworkNamespaceOptions
{
    /// <summary>Whose it is, "default/web-1": names its random sequence, so that one pod's draws never shift another's.</summary>
    public required string Name { get; init; }

    /// <summary>Its own addresses, the primary one first. Loopback is always there and not listed.</summary>
    public required ImmutableArray<IpAddress> Addresses { get; init; }

    /// <summary>
    /// The largest IP packet, in bytes. The default is the most that an IPv4 header can say: pods' veth pairs carry segments of up to 64 KiB too
    /// when Linux offloads segmentation (GSO), and in one process a packet costs the same whatever it carries, so large ones are what is fast.
    /// </summary>
    public int MaximumTransmissionUnit { get; init; } = 65535;

    /// <summary>Bytes a TCP connection may hold unread: the largest window it advertises.</summary>
    public int ReceiveBuffer { get; init; } = 256 * 1024;

    /// <summary>Bytes a TCP connection may hold unacknowledged before its writer has to wait.</summary>
    public int SendBuffer { get; init; } = 256 * 1024;

    /// <summary>Datagrams a UDP socket holds unread; more are dropped.</summary>
    public int DatagramQueue { get; init; } = 512;

    /// <summary>How long a closed connection's pair of addresses stays taken (RFC 9293, 3.6.1: twice the maximum segment lifetime; Linux: 60 s).</summary>
    public TimeSpan TimeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>SYNs sent again before a connect fails with TimedOut (Linux net.ipv4.tcp_syn_retries; 6 gives 127 s).</summary>
    public int SynRetries { get; init; } = 6;

    /// <summary>Retransmissions of one segment before a connection fails with TimedOut (Linux net.ipv4.tcp_retries2).</summary>
    public int DataRetries { get; init; } = 15;
}
