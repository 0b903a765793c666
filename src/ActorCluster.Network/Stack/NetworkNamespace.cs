using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

/// <summary>
/// One pod's network stack, or a node's own: sockets above, packets below. Its owner hands packets in with <see cref="Receive"/> and carries
/// out what it is given through <c>send</c>; loopback and its own addresses never leave it.
/// </summary>
/// <remarks>
/// Not an actor: a program's write runs the TCP machine on the program's own thread, under one lock for the namespace. Packets and
/// continuations are collected under the lock and let go outside it, in order, so <c>send</c> may do as it likes (a Tell, usually).
/// Everything but the lock is made on first use: most pods never open a socket.
/// </remarks>
public sealed partial class NetworkNamespace : INetworkNamespace, IDisposable
{
    private readonly NetworkNamespaceOptions _options;
    private readonly SimulationContext _simulation;
    private readonly Action<Packet> _send;
    private readonly Lock _lock = new();
    private bool _disposed;

    // What a call has produced and Leave lets go. Two of each, swapped, so that nothing is allocated in the long run.
    private List<Packet>? _outbox;
    private List<Packet>? _spareOutbox;
    private List<IWakeable>? _wakeups;
    private List<IWakeable>? _spareWakeups;
    private Queue<Packet>? _loopback;
    private int _release = Release.Idle;
    private int _depth;

    /// <param name="send">Takes each packet that leaves. Called outside the namespace's lock, never twice at a time.</param>
    public NetworkNamespace(NetworkNamespaceOptions options, SimulationContext simulation, Action<Packet> send) =>
        (_options, _simulation, _send) = (options, simulation, send);

    /// <summary>
    /// Packets to this namespace's own addresses that leave it all the same. A node's own namespace has it, because its addresses are those of
    /// NodePorts as well. Called under the namespace's lock.
    /// </summary>
    internal Func<Packet, bool>? Diverts { get; set; }

    public IReadOnlyList<IpAddress> Addresses => _options.Addresses;

    /// <summary>Ticks of 100 ns on the simulation's clock.</summary>
    internal long Now => _simulation.Clock.GetElapsedTime(0).Ticks;

    /// <summary>Takes a packet that came from outside. Packets for other addresses are dropped, since a pod forwards nothing, and so are damaged ones, whose checksum is wrong.</summary>
    public void Receive(Packet packet)
    {
        if (packet.IsDamaged) return;
        Enter();
        try
        {
            if (!_disposed && IsOwn(packet.Destination)) Dispatch(packet);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Is there a socket that takes this packet as the first of a flow?</summary>
    public bool Accepts(Packet packet)
    {
        Enter();
        try
        {
            return packet switch
            {
                TcpPacket tcp => _listeners?.TryFind(new(tcp.Destination, tcp.DestinationPort), out _) == true,
                SctpPacket sctp => ListenerFor(new(new(sctp.Destination, sctp.DestinationPort), default)) is not null,
                UdpPacket udp => _udpSockets?.TryFind(new(udp.Destination, udp.DestinationPort), out _) == true,
                _ => true,
            } && !_disposed;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Takes the namespace down: every socket fails with NamespaceGone, nothing is sent any more.</summary>
    public void Dispose()
    {
        Enter();
        if (!_disposed)
        {
            _disposed = true;
            foreach (var connection in _connections?.Values.ToArray() ?? []) connection.Drop(SocketFault.NamespaceGone);
            foreach (var listener in _listeners?.Sockets.ToArray() ?? []) listener.Close(reset: false);
            foreach (var connection in _associations?.Values.ToArray() ?? []) connection.Drop(SocketFault.NamespaceGone);
            foreach (var listener in _sctpListeners?.Sockets.ToArray() ?? []) listener.Close(abort: false);
            foreach (var socket in _udpSockets?.Sockets.ToArray() ?? []) socket.Close(SocketFault.NamespaceGone);
            foreach (var (_, waiter) in _pings ?? [])
            {
                if (waiter.IsDecided) continue;
                waiter.Decide(new SocketFaultException(SocketFault.NamespaceGone));
                WakeLater(waiter);
            }
            (_connections, _timeWaits, _associations, _pings) = (null, null, null, null);
            _timer?.Dispose();
            _timer = null;
        }
        Leave();
    }

    /// <summary>Takes the lock. Every Enter has its <see cref="Leave"/>; they may nest.</summary>
    internal void Enter()
    {
        _lock.Enter();
        _depth++;
    }

    /// <summary>Lets go of the lock and then of what was collected under it.</summary>
    internal void Leave()
    {
        if (_depth > 1)
        {
            _depth--;
            _lock.Exit();
            return;
        }
        while (_loopback is { Count: > 0 } && !_disposed) Dispatch(_loopback.Dequeue());
        _depth--;
        if ((_outbox is not { Count: > 0 } && _wakeups is not { Count: > 0 }) || !TryBeginRelease())
        {
            _lock.Exit(); // nothing to do, or someone is at it already and will take ours along
            return;
        }
        ReleaseAll();
    }

    /// <summary>Under the lock: from now on this thread is the one that lets go, unless another is and takes along what is new.</summary>
    private bool TryBeginRelease()
    {
        if (_release == Release.MoreToCome || Interlocked.CompareExchange(ref _release, Release.MoreToCome, Release.UnderWay) == Release.UnderWay) return false;
        _release = Release.UnderWay;
        return true;
    }

    /// <summary>Takes the lock with it: it is free afterwards, and not taken again unless there is more.</summary>
    private void ReleaseAll()
    {
        var isDone = false;
        try
        {
            while (true)
            {
                var (packets, wakeups) = (_outbox, _wakeups);
                (_outbox, _spareOutbox) = (_spareOutbox, null);
                (_wakeups, _spareWakeups) = (_spareWakeups, null);
                _lock.Exit();
                LetGo(packets, wakeups);
                // Nobody else touches these until the next release begins.
                (_spareOutbox, _spareWakeups) = (packets, wakeups);
                isDone = Interlocked.CompareExchange(ref _release, Release.Idle, Release.UnderWay) == Release.UnderWay;
                if (isDone) return;
                _lock.Enter();
                _release = Release.UnderWay;
            }
        }
        finally
        {
            if (!isDone) Volatile.Write(ref _release, Release.Idle);
        }
    }

    /// <summary>Under the lock: has someone woken, on the simulation's pipe scheduler, after the lock is released.</summary>
    internal void WakeLater(IWakeable waiter) => (_wakeups ??= new(2)).Add(waiter);

    /// <summary>Under the lock: sends a packet, or delivers it if it is for this namespace.</summary>
    internal void Transmit(Packet packet)
    {
        if (_disposed) return;
        if (IsOwn(packet.Destination) && Diverts?.Invoke(packet) != true) (_loopback ??= new()).Enqueue(packet);
        else (_outbox ??= new(4)).Add(packet);
    }

    /// <param name="undo">Under the lock: what a cancellation takes back.</param>
    internal void CancelWith<T>(Waiter<T> waiter, CancellationToken token, Action? undo = null) => waiter.CancelWith(() =>
    {
        Enter();
        if (!waiter.IsDecided)
        {
            waiter.Decide(new OperationCanceledException(token));
            WakeLater(waiter);
            undo?.Invoke();
        }
        Leave();
    }, token);

    private void LetGo(List<Packet>? packets, List<IWakeable>? wakeups)
    {
        if (packets is not null)
        {
            foreach (var packet in packets) _send(packet);
            packets.Clear();
        }
        if (wakeups is not null)
        {
            foreach (var waiter in wakeups) _simulation.Pipes.Schedule(static state => ((IWakeable)state!).Wake(), waiter);
            wakeups.Clear();
        }
    }

    private bool IsOwn(IpAddress address)
    {
        foreach (var own in _options.Addresses)
            if (own == address) return true;
        return address.IsLoopback;
    }

    private void Dispatch(Packet packet)
    {
        switch (packet)
        {
            case TcpPacket segment: OnSegment(segment); break;
            case UdpPacket datagram: OnDatagram(datagram); break;
            case IcmpPacket icmp: OnIcmp(icmp); break;
            case SctpPacket sctp: OnSctp(sctp); break;
            default: break;
        }
    }

    /// <summary>The address that packets to <paramref name="remote"/> come from.</summary>
    private IpAddress SourceFor(IpAddress remote)
    {
        if (remote.IsLoopback) return remote.IsV4 ? IpAddress.LoopbackV4 : IpAddress.LoopbackV6;
        if (IsOwn(remote)) return remote;
        foreach (var own in _options.Addresses)
            if (own.IsV4 == remote.IsV4) return own;
        throw new SocketFaultException(SocketFault.NetworkUnreachable);
    }

    private void ThrowIfDisposed()
    {
        if (_disposed) throw new SocketFaultException(SocketFault.NamespaceGone);
    }

    private void ThrowIfNotBindable(IpAddress address)
    {
        if (!address.IsAny && !IsOwn(address)) throw new SocketFaultException(SocketFault.AddressNotAvailable);
    }

    /// <summary>Whether a thread is letting packets and continuations go; only under the lock does it become more than <see cref="Idle"/>.</summary>
    private static class Release
    {
        public const int Idle = 0;
        public const int UnderWay = 1;

        /// <summary>Under way, and something was collected meanwhile.</summary>
        public const int MoreToCome = 2;
    }
}
