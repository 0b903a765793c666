using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sctp;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Stack;

// UDP, ICMP, and what netstat shows.
public sealed partial class NetworkNamespace
{
    private PortTable<UdpSocket>? _udpSockets;

    public IUdpSocket BindUdp(SocketAddress local)
    {
        Enter();
        try
        {
            ThrowIfDisposed();
            ThrowIfNotBindable(local.Address);
            _udpSockets ??= new();
            if (local.Port == 0) local = local with { Port = EphemeralPort(port => !_udpSockets.Conflicts(local with { Port = port })) };
            else if (_udpSockets.Conflicts(local)) throw new SocketFaultException(SocketFault.AddressInUse);
            var socket = new UdpSocket(this, local, _options.DatagramQueue);
            _udpSockets.Add(local, socket);
            return socket;
        }
        finally
        {
            Leave();
        }
    }

    public IReadOnlyList<SocketInfo> ListSockets()
    {
        Enter();
        try
        {
            return
            [
                .. (_listeners?.Sockets ?? []).Select(listener => new SocketInfo("tcp", listener.Local, null, "LISTEN")),
                .. (_connections?.Values ?? Enumerable.Empty<TcpConnection>())
                    .Select(connection => new SocketInfo("tcp", connection.Local, connection.Remote, connection.Machine.State.Name())),
                .. (_timeWaits?.Keys ?? []).Select(key => new SocketInfo("tcp", key.Local, key.Remote, TcpState.TimeWait.Name())),
                .. (_sctpListeners?.Sockets ?? []).Select(listener => new SocketInfo("sctp", listener.Local, null, "LISTEN")),
                .. (_associations?.Values ?? Enumerable.Empty<SctpConnection>())
                    .Select(connection => new SocketInfo("sctp", connection.Local, connection.Remote, connection.Machine.State.Name())),
                .. (_udpSockets?.Sockets ?? []).Select(socket => new SocketInfo("udp", socket.Local, null, "")),
            ];
        }
        finally
        {
            Leave();
        }
    }

    internal void Remove(UdpSocket socket) => _udpSockets?.Remove(socket.Local, socket);

    /// <summary>Under the lock.</summary>
    internal void SendDatagram(SocketAddress local, ReadOnlyMemory<byte> payload, SocketAddress remote)
    {
        if (payload.Length + 28 > _options.MaximumTransmissionUnit) throw new SocketFaultException(SocketFault.MessageTooLong);
        var source = local.Address.IsAny ? SourceFor(remote.Address) : local.Address;
        // The program may use its buffer again as soon as this returns.
        Transmit(new UdpPacket(source, remote.Address, local.Port, remote.Port, payload.ToArray()));
    }

    private void OnDatagram(UdpPacket packet)
    {
        var local = new SocketAddress(packet.Destination, packet.DestinationPort);
        if (_udpSockets is not null && _udpSockets.TryFind(local, out var socket))
            socket.OnDatagram(new(packet.Payload, new(packet.Source, packet.SourcePort), local));
        else
            Transmit(new IcmpPacket(packet.Destination, packet.Source, IcmpKind.PortUnreachable, 0, 0, default, packet));
    }

    private void OnIcmp(IcmpPacket packet)
    {
        switch (packet.Kind)
        {
            case IcmpKind.EchoRequest:
                Transmit(new IcmpPacket(packet.Destination, packet.Source, IcmpKind.EchoReply, packet.Identifier, packet.SequenceNumber, packet.Payload));
                break;
            case IcmpKind.EchoReply:
                if (_pings?.TryGetValue((packet.Identifier, packet.SequenceNumber), out var waiter) == true && !waiter.IsDecided)
                {
                    waiter.Decide((Now, packet.TimeToLive));
                    WakeLater(waiter);
                }
                break;
            case IcmpKind.PortUnreachable: OnUnreachable(packet.Original, SocketFault.ConnectionRefused); break;
            case IcmpKind.HostUnreachable: OnUnreachable(packet.Original, SocketFault.HostUnreachable); break;
            case IcmpKind.NetworkUnreachable: OnUnreachable(packet.Original, SocketFault.NetworkUnreachable); break;
            case IcmpKind.TimeExceeded: OnUnreachable(packet.Original, SocketFault.HostUnreachable); break;
            default: break;
        }
    }

    private void OnUnreachable(Packet? original, SocketFault fault)
    {
        switch (original)
        {
            case TcpPacket segment:
                if (_connections?.TryGetValue(new(new(segment.Source, segment.SourcePort), new(segment.Destination, segment.DestinationPort)), out var connection) == true)
                    connection.OnUnreachable(fault);
                break;
            case UdpPacket datagram:
                if (_udpSockets?.TryFind(new(datagram.Source, datagram.SourcePort), out var receiver) == true) receiver.OnUnreachable(fault);
                break;
            default: break;
        }
    }
}
