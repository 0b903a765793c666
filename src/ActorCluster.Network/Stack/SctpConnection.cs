using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sctp;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

/// <summary>An association of a namespace: the machine with its program's sends and receives around it. Guarded by the namespace's lock.</summary>
internal sealed class SctpConnection : Timed, ISctpConnection, ISctpOutput
{
    private readonly NetworkNamespace _namespace;
    private readonly SctpListener? _listener;
    private readonly Queue<(SctpMessage Message, int Cost)> _received = new();
    private readonly Queue<Waiter<SctpMessage?>> _receiving = new();
    private readonly Queue<(SctpMessage Message, Waiter<bool> Sent)> _sending = new();
    private Waiter<ISctpConnection>? _connecting;
    private SocketFault? _fault;
    private bool _ended;
    private bool _disposed;

    public SctpConnection(NetworkNamespace @namespace, SctpSettings settings, SctpSecrets secrets, ConnectionKey key, SctpListener? listener)
    {
        (_namespace, Key, _listener) = (@namespace, key, listener);
        Machine = new(settings, secrets, key.Local, key.Remote, this);
    }

    /// <summary>For a cookie that has come back: the tag and the first TSN are the ones that it promised.</summary>
    public SctpConnection(NetworkNamespace @namespace, SctpSettings settings, SctpSecrets secrets, ConnectionKey key, SctpListener listener, in SctpCookie cookie)
    {
        (_namespace, Key, _listener) = (@namespace, key, listener);
        Machine = new(settings, secrets, key.Local, key.Remote, this, cookie.LocalTag, cookie.LocalTsn);
    }

    public ConnectionKey Key { get; }
    public SctpAssociationMachine Machine { get; }
    public SocketAddress Local => Key.Local;
    public SocketAddress Remote => Key.Remote;
    public int OutboundStreams => Machine.OutboundStreams;
    public override long Deadline => Machine.Deadline;

    /// <summary>Opens actively. The waiter gets the connection, or why there is none.</summary>
    public void Connect(Waiter<ISctpConnection> connecting, long now)
    {
        _connecting = connecting;
        Machine.Connect(now);
        _namespace.UpdateDeadline(this);
    }

    public void Accept(in SctpCookie cookie, long now)
    {
        Machine.Accept(cookie, now);
        _namespace.UpdateDeadline(this);
    }

    public void Receive(SctpPacket packet, long now)
    {
        Machine.Receive(packet, now);
        AfterMachine();
    }

    public override void Tick(long now)
    {
        Machine.Tick(now);
        AfterMachine();
    }

    public ValueTask SendAsync(SctpMessage message, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        if (message.Payload.IsEmpty) throw new ArgumentException("A message has at least one byte.", nameof(message));
        Waiter<bool> waiter;
        _namespace.Enter();
        try
        {
            if (message.Stream >= OutboundStreams) throw new ArgumentException($"There are {OutboundStreams} streams.", nameof(message));
            if (!CanSend) return ValueTask.FromException(BrokenPipe());
            if (!Machine.IsSendable(message.Payload.Length)) return ValueTask.FromException(new SocketFaultException(SocketFault.MessageTooLong));
            // The program may use its buffer again as soon as this returns.
            message = message with { Payload = message.Payload.ToArray() };
            if (_sending.Count == 0 && Machine.HasSpaceFor(message.Payload.Length))
            {
                Machine.Send(message);
                Machine.Push(_namespace.Now);
                AfterMachine();
                return ValueTask.CompletedTask;
            }
            _sending.Enqueue((message, waiter = new()));
        }
        finally
        {
            _namespace.Leave();
        }
        _namespace.CancelWith(waiter, cancellationToken);
        return new(waiter.Task);
    }

    public ValueTask<SctpMessage?> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<SctpMessage?>(cancellationToken);
        Waiter<SctpMessage?> waiter;
        _namespace.Enter();
        try
        {
            if (_received.TryDequeue(out var next))
            {
                Machine.Consume(next.Cost);
                AfterMachine();
                return new(next.Message);
            }
            if (_disposed || _fault is not null) return ValueTask.FromException<SctpMessage?>(new SocketFaultException(_fault ?? SocketFault.ConnectionAborted));
            if (_ended) return new((SctpMessage?)null);
            _receiving.Enqueue(waiter = new());
        }
        finally
        {
            _namespace.Leave();
        }
        _namespace.CancelWith(waiter, cancellationToken);
        return new(waiter.Task);
    }

    public void Abort()
    {
        _namespace.Enter();
        Machine.Abort();
        AfterMachine();
        _namespace.Leave();
    }

    public ValueTask DisposeAsync()
    {
        _namespace.Enter();
        if (!_disposed)
        {
            _disposed = true;
            Machine.CloseReceive();
            if (_received.Count > 0) Machine.Abort();
            else if (_sending.Count == 0) Machine.Shutdown(_namespace.Now);
            DecideReceivers(SocketFault.ConnectionAborted);
            AfterMachine();
        }
        _namespace.Leave();
        return ValueTask.CompletedTask;
    }

    /// <summary>Under the lock: ends without a word to the peer, because the namespace goes.</summary>
    public void Drop(SocketFault fault) => Gone(fault);

    /// <summary>Under the lock: nobody waits for the connect any more.</summary>
    public void CancelConnect()
    {
        Machine.Abort();
        AfterMachine();
    }

    void ISctpOutput.Transmit(SctpPacket packet) => _namespace.Transmit(packet);

    void ISctpOutput.OnEstablished()
    {
        if (_listener is not null)
        {
            _listener.OnEstablished(this);
        }
        else if (_connecting is { IsDecided: false } connecting)
        {
            connecting.Decide(this);
            _namespace.WakeLater(connecting);
        }
    }

    void ISctpOutput.OnMessage(SctpMessage message, int cost) => _received.Enqueue((message, cost));

    void ISctpOutput.OnEnd() => _ended = true;

    void ISctpOutput.OnClosed(SocketFault? fault)
    {
        _namespace.Remove(this);
        Gone(fault);
    }

    private bool CanSend => !_disposed && _fault is null && Machine.CanSend;

    private static SocketFaultException BrokenPipe() => new(SocketFault.BrokenPipe);

    private void AfterMachine()
    {
        while (_receiving.Count > 0 && _received.Count > 0)
        {
            if (_receiving.Dequeue() is not { IsDecided: false } waiter) continue;
            var (message, cost) = _received.Dequeue();
            waiter.Decide(message);
            _namespace.WakeLater(waiter);
            Machine.Consume(cost);
        }
        SendWaiting();
        if (_ended && _received.Count == 0) DecideReceivers(_fault);
        _namespace.UpdateDeadline(this);
    }

    private void SendWaiting()
    {
        var pushes = false;
        while (_sending.TryPeek(out var next) && (next.Sent.IsDecided || !Machine.CanSend || Machine.HasSpaceFor(next.Message.Payload.Length)))
        {
            _sending.Dequeue();
            if (next.Sent.IsDecided) continue; // cancelled
            if (Machine.CanSend)
            {
                Machine.Send(next.Message);
                pushes = true;
                next.Sent.Decide(true);
            }
            else
            {
                next.Sent.Decide(BrokenPipe());
            }
            _namespace.WakeLater(next.Sent);
        }
        if (pushes) Machine.Push(_namespace.Now);
        // A disposal that came while messages waited for room is carried out behind them.
        if (_disposed && _sending.Count == 0) Machine.Shutdown(_namespace.Now);
    }

    private void Gone(SocketFault? fault)
    {
        if (_connecting is { IsDecided: false } connecting)
        {
            connecting.Decide(new SocketFaultException(fault ?? SocketFault.ConnectionAborted));
            _namespace.WakeLater(connecting);
        }
        (_fault, _ended) = (fault, true);
        while (_sending.TryDequeue(out var waiting))
        {
            if (waiting.Sent.IsDecided) continue;
            waiting.Sent.Decide(fault is null ? BrokenPipe() : new SocketFaultException(fault.Value));
            _namespace.WakeLater(waiting.Sent);
        }
        if (_received.Count == 0) DecideReceivers(fault);
    }

    /// <summary>No more messages will come.</summary>
    private void DecideReceivers(SocketFault? fault)
    {
        while (_receiving.TryDequeue(out var waiter))
        {
            if (waiter.IsDecided) continue;
            if (fault is null) waiter.Decide((SctpMessage?)null);
            else waiter.Decide(new SocketFaultException(fault.Value));
            _namespace.WakeLater(waiter);
        }
    }
}
