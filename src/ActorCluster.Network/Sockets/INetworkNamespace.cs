using System.IO.Pipelines;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Sockets;

/// <summary>
/// One pod's network: its addresses, its loopback and its one port space, shared by all its containers. Programs use it through
/// sockets; the pod's actor feeds packets in and carries packets out.
/// </summary>
public interface INetworkNamespace
{
    /// <summary>The pod's own addresses (loopback not counted), the primary one first.</summary>
    IReadOnlyList<IpAddress> Addresses { get; }

    /// <exception cref="SocketFaultException">AddressInUse, AddressNotAvailable.</exception>
    ITcpListener ListenTcp(SocketAddress local, int backlog = 511);

    /// <summary>Completes when a TCP socket listens on the port, on whatever address.</summary>
    Task WaitForListenerAsync(ushort port, CancellationToken cancellationToken);

    /// <summary>Completes when the connection is established.</summary>
    /// <param name="local">Where to connect from; null lets the namespace choose address and ephemeral port.</param>
    /// <exception cref="SocketFaultException">ConnectionRefused, TimedOut, HostUnreachable, NetworkUnreachable, AddressInUse.</exception>
    Task<ITcpConnection> ConnectTcpAsync(SocketAddress remote, SocketAddress? local = null, CancellationToken cancellationToken = default);

    /// <param name="local">Port 0: an ephemeral one.</param>
    /// <exception cref="SocketFaultException">AddressInUse, AddressNotAvailable.</exception>
    IUdpSocket BindUdp(SocketAddress local);

    /// <exception cref="SocketFaultException">AddressInUse, AddressNotAvailable.</exception>
    ISctpListener ListenSctp(SocketAddress local, int backlog = 128);

    /// <summary>Completes when the association is established.</summary>
    /// <param name="local">Where to connect from; null lets the namespace choose address and ephemeral port.</param>
    /// <exception cref="SocketFaultException">ConnectionRefused, TimedOut, NetworkUnreachable, AddressInUse.</exception>
    Task<ISctpConnection> ConnectSctpAsync(SocketAddress remote, SocketAddress? local = null, CancellationToken cancellationToken = default);

    /// <summary>For ICMP echo requests of one program, with an identifier of its own.</summary>
    /// <exception cref="SocketFaultException">AddressInUse: all identifiers are taken. NamespaceGone.</exception>
    IEchoSocket OpenEcho();

    /// <summary>What netstat would list.</summary>
    IReadOnlyList<SocketInfo> ListSockets();
}

public static class NetworkNamespaceCalls
{
    /// <summary>The own address that packets to another come from, as far as its family says it: for messages.</summary>
    public static IpAddress AddressTowards(this INetworkNamespace network, IpAddress remote) =>
        network.Addresses.FirstOrDefault(address => address.IsV4 == remote.IsV4, network.Addresses[0]);

    /// <summary>A single echo.</summary>
    public static async Task<EchoReply?> EchoAsync(this INetworkNamespace network, IpAddress remote, int payloadBytes, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var socket = network.OpenEcho();
        return await socket.EchoAsync(remote, payloadBytes, timeout, cancellationToken);
    }

    /// <summary>An echo of which only the round-trip time matters.</summary>
    public static async Task<TimeSpan?> PingAsync(this INetworkNamespace network, IpAddress remote, int payloadBytes, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        (await network.EchoAsync(remote, payloadBytes, timeout, cancellationToken))?.RoundTrip;
}

/// <summary>Echo requests with one identifier, and sequence numbers that rise from 0. Safe for concurrent use.</summary>
public interface IEchoSocket : IDisposable
{
    /// <summary>Sends the next echo request and waits for its reply.</summary>
    /// <returns>Null when <paramref name="timeout"/> passes without a reply.</returns>
    /// <exception cref="SocketFaultException">NetworkUnreachable: no address of the remote's family. MessageTooLong. NamespaceGone.</exception>
    Task<EchoReply?> EchoAsync(IpAddress remote, int payloadBytes, TimeSpan timeout, CancellationToken cancellationToken);
}

public interface ITcpListener : IAsyncDisposable
{
    SocketAddress Local { get; }

    /// <summary>The next established connection; null when the listener was closed.</summary>
    ValueTask<ITcpConnection?> AcceptAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// An established connection as a pipe. Completing <see cref="IDuplexPipe.Output"/> sends FIN after what was written; the peer's FIN
/// completes <see cref="IDuplexPipe.Input"/>; a reset completes it with a <see cref="SocketFaultException"/>. Disposal closes in an orderly way.
/// </summary>
public interface ITcpConnection : IDuplexPipe, IAsyncDisposable
{
    SocketAddress Local { get; }
    SocketAddress Remote { get; }

    /// <summary>Sends RST and forgets the connection.</summary>
    void Abort();

    /// <summary>Cancelled when the connection is gone for good (closed on both sides, reset, or its namespace deleted).</summary>
    CancellationToken Closed { get; }
}

public interface IUdpSocket : IDisposable
{
    SocketAddress Local { get; }

    void Send(ReadOnlyMemory<byte> payload, SocketAddress remote);

    /// <exception cref="SocketFaultException">ConnectionRefused when an earlier datagram met an ICMP port unreachable.</exception>
    ValueTask<Datagram> ReceiveAsync(CancellationToken cancellationToken = default);
}

/// <param name="TimeToLive">What the reply's packet had left of its hops.</param>
public readonly record struct EchoReply(TimeSpan RoundTrip, byte TimeToLive);

public readonly record struct Datagram(ReadOnlyMemory<byte> Payload, SocketAddress Remote, SocketAddress Local);

/// <param name="Protocol">"tcp", "udp" or "sctp".</param>
/// <param name="State">TCP's or SCTP's state as netstat names it ("LISTEN", "SYN_SENT", "ESTABLISHED", ...); "" for UDP.</param>
public readonly record struct SocketInfo(string Protocol, SocketAddress Local, SocketAddress? Remote, string State);

public enum SocketFault
{
    AddressInUse,
    AddressNotAvailable,
    ConnectionRefused,
    ConnectionReset,
    ConnectionAborted,
    TimedOut,
    HostUnreachable,
    NetworkUnreachable,
    MessageTooLong,
    BrokenPipe,
    NamespaceGone,
}

/// <summary>What a socket call fails with; <see cref="Exception.Message"/> is the wording of Linux's strerror, as programs print it.</summary>
public sealed class SocketFaultException(SocketFault fault) : IOException(Describe(fault))
{
    public SocketFault Fault { get; } = fault;

    private static string Describe(SocketFault fault) => fault switch
    {
        SocketFault.AddressInUse => "Address already in use",
        SocketFault.AddressNotAvailable => "Cannot assign requested address",
        SocketFault.ConnectionRefused => "Connection refused",
        SocketFault.ConnectionReset => "Connection reset by peer",
        SocketFault.ConnectionAborted => "Software caused connection abort",
        SocketFault.TimedOut => "Connection timed out",
        SocketFault.HostUnreachable => "No route to host",
        SocketFault.NetworkUnreachable => "Network is unreachable",
        SocketFault.MessageTooLong => "Message too long",
        SocketFault.BrokenPipe => "Broken pipe",
        SocketFault.NamespaceGone => "Network is down",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
