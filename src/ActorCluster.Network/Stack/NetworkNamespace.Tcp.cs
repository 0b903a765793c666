using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Stack;

// TCP: listeners, connections and their timer.
public sealed partial class NetworkNamespace
{
    /// <summary>After this long in TIME-WAIT a pair of sockets may be connected anew (Linux: net.ipv4.tcp_tw_reuse).</summary>
    private const long TimeWaitReuse = TimeSpan.TicksPerSecond;

    private PortTable<TcpListener>? _listeners;
    private List<(ushort Port, TaskCompletionSource Listening)>? _listenerWaiters;
    private Dictionary<ConnectionKey, TcpConnection>? _connections;
    private TimeWaits? _timeWaits;
    private DeadlineTimer? _timer;
    private TcpSettings? _settings;
    private RandomSource? _random;
    private InitialSequence? _initialSequence;
    private int? _nextPort;

    private RandomSource Random => _random ??= _simulation.Random.Child(_options.Name);

    private TcpSettings Settings => _settings ??= new()
    {
        // 40: an IPv4 and a TCP header without options. IPv6 packets may be 20 bytes longer than the MTU says; the field that limits them is larger as well.
        MaximumSegmentSize = _options.MaximumTransmissionUnit - 40,
        ReceiveBuffer = _options.ReceiveBuffer,
        SendBuffer = _options.SendBuffer,
        TimeWait = _options.TimeWait.Ticks,
        SynRetries = _options.SynRetries,
        DataRetries = _options.DataRetries,
    };

    public ITcpListener ListenTcp(SocketAddress local, int backlog = 511)
    {
        Enter();
        try
        {
            ThrowIfDisposed();
            ThrowIfNotBindable(local.Address);
            _listeners ??= new();
            if (local.Port == 0) local = local with { Port = EphemeralPort(port => !_listeners.Conflicts(local with { Port = port })) };
            else if (_listeners.Conflicts(local)) throw new SocketFaultException(SocketFault.AddressInUse);
            var listener = new TcpListener(this, local, backlog);
            _listeners.Add(local, listener);
            foreach (var (port, listening) in _listenerWaiters ?? [])
                if (port == local.Port) listening.TrySetResult();
            return listener;
        }
        finally
        {
            Leave();
        }
    }

    public async Task WaitForListenerAsync(ushort port, CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enter();
        try
        {
            ThrowIfDisposed();
            if (_listeners is not null && _listeners.Conflicts(new SocketAddress(IpAddress.AnyV6, port))) return;
            (_listenerWaiters ??= []).Add((port, listening));
        }
        finally
        {
            Leave();
        }
        try
        {
            await listening.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Enter();
            _listenerWaiters.Remove((port, listening));
            Leave();
        }
    }

    public Task<ITcpConnection> ConnectTcpAsync(SocketAddress remote, SocketAddress? local = null, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<ITcpConnection>(cancellationToken);
        var waiter = new Waiter<ITcpConnection>();
        TcpConnection connection;
        Enter();
        try
        {
            ThrowIfDisposed();
            var (source, destination) = EndsOf(local, remote);
            var (key, sequence) = ConnectionKeyFor(source, destination);
            connection = AddConnection(key, null, sequence);
            connection.Connect(waiter, Now);
        }
        catch (SocketFaultException fault)
        {
            return Task.FromException<ITcpConnection>(fault);
        }
        finally
        {
            Leave();
        }
        CancelWith(waiter, cancellationToken, () => connection.Machine.Abort());
        return waiter.Task;
    }

    /// <summary>Both ends of what a program wants to connect; the source's port may still be 0.</summary>
    private (SocketAddress Source, SocketAddress Destination) EndsOf(SocketAddress? local, SocketAddress remote)
    {
        // Connecting to "any" means this host, as on Linux.
        if (remote.Address.IsAny) remote = remote with { Address = remote.Address.IsV4 ? IpAddress.LoopbackV4 : IpAddress.LoopbackV6 };
        var source = local ?? new SocketAddress(remote.Address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, 0);
        ThrowIfNotBindable(source.Address);
        return (source.Address.IsAny ? source with { Address = SourceFor(remote.Address) } : source, remote);
    }

    /// <summary>Under the lock.</summary>
    internal TcpConnection AddConnection(ConnectionKey key, TcpListener? listener, uint? sequence = null)
    {
        var connection = new TcpConnection(this, Settings, key, sequence ?? (_initialSequence ??= new(Random)).For(key, Now), listener);
        (_connections ??= []).Add(key, connection);
        return connection;
    }

    /// <returns>False: it wasn't there any more.</returns>
    internal bool Remove(TcpConnection connection)
    {
        _timer?.Remove(connection);
        return _connections?.TryGetValue(connection.Key, out var holder) == true && ReferenceEquals(holder, connection) && _connections.Remove(connection.Key);
    }

    /// <summary>Both ends have closed; what is left of the connection keeps its place.</summary>
    internal void EnterTimeWait(TcpConnection connection)
    {
        if (Remove(connection)) (_timeWaits ??= new(this)).Add(connection.Key, connection.Machine.ToTimeWait(Now));
    }

    internal void Remove(TcpListener listener) => _listeners?.Remove(listener.Local, listener);

    internal void UpdateDeadline(Timed connection)
    {
        var deadline = connection.Deadline;
        // Mostly it will be looked at early enough anyway; then the clock needn't be read.
        if (_disposed || deadline >= connection.QueuedDeadline) return;
        (_timer ??= new(_simulation, OnTimer)).Update(connection, deadline, Now);
    }

    private void OnTimer()
    {
        Enter();
        try
        {
            while (_timer?.NextDue(Now) is { } connection) connection.Tick(Now);
        }
        finally
        {
            Leave();
        }
    }

    private void OnSegment(TcpPacket segment)
    {
        var key = new ConnectionKey(new(segment.Destination, segment.DestinationPort), new(segment.Source, segment.SourcePort));
        if (_connections is not null && _connections.TryGetValue(key, out var connection))
        {
            connection.Receive(segment, Now);
            return;
        }
        if (_timeWaits is not null && _timeWaits.TryReceive(key, segment, Now, out var answer))
        {
            if (answer is not null) Transmit(answer);
            return;
        }
        if (_listeners is not null && (segment.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn && _listeners.TryFind(key.Local, out var listener))
            listener.OnSyn(segment, Now);
        else if (!segment.Flags.HasFlag(TcpFlags.Rst))
            Transmit(TcpConnectionMachine.ResetFor(segment));
    }

    private (ConnectionKey Key, uint? Sequence) ConnectionKeyFor(SocketAddress source, SocketAddress remote)
    {
        if (source.Port != 0)
        {
            var wanted = new ConnectionKey(source, remote);
            return TryClaim(wanted, out var sequence) ? (wanted, sequence) : throw new SocketFaultException(SocketFault.AddressInUse);
        }
        uint? next = null;
        // One after the other, as late as possible again: far ends may remember a pair of sockets for a minute (RFC 6056, 3.3.4).
        var start = _nextPort ?? Random.Next(PortTable<object>.EphemeralCount);
        var port = EphemeralPort(start, port => _listeners?.TryFind(source with { Port = port }, out _) != true && TryClaim(new(source with { Port = port }, remote), out next));
        _nextPort = port - PortTable<object>.FirstEphemeral + 1;
        return (new(source with { Port = port }, remote), next);
    }

    /// <summary>Is this pair of sockets free? One in TIME-WAIT may be taken over after a second, with sequence numbers beyond its own.</summary>
    private bool TryClaim(ConnectionKey key, out uint? sequence)
    {
        sequence = null;
        if (_connections is not null && _connections.ContainsKey(key)) return false;
        if (_timeWaits is null || !_timeWaits.TryGet(key, out var rest)) return true;
        if (!rest.MayBeSucceeded(TimeWaitReuse, Now)) return false;
        sequence = rest.SuccessorSequence;
        _timeWaits.Remove(key);
        return true;
    }

    private ushort EphemeralPort(Func<ushort, bool> isFree) => EphemeralPort(Random.Next(PortTable<object>.EphemeralCount), isFree);

    private static ushort EphemeralPort(int start, Func<ushort, bool> isFree)
    {
        for (var i = 0; i < PortTable<object>.EphemeralCount; i++)
        {
            var port = (ushort)(PortTable<object>.FirstEphemeral + (start + i) % PortTable<object>.EphemeralCount);
            if (isFree(port)) return port;
        }
        throw new SocketFaultException(SocketFault.AddressInUse);
    }
}
