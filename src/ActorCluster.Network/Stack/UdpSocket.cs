using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

/// <summary>A UDP socket (RFC 768). Guarded by the namespace's lock.</summary>
internal sealed class UdpSocket(NetworkNamespace @namespace, SocketAddress local, int capacity) : IUdpSocket
{
    private readonly Queue<Datagram> _received = new();
    private readonly Queue<Waiter<Datagram>> _receiving = new();
    private SocketFault? _fault;
    private bool _closed;

    public SocketAddress Local => local;

    public void Send(ReadOnlyMemory<byte> payload, SocketAddress remote)
    {
        @namespace.Enter();
        try
        {
            if (_closed) throw new SocketFaultException(_fault ?? SocketFault.ConnectionAborted);
            @namespace.SendDatagram(local, payload, remote);
        }
        finally
        {
            @namespace.Leave();
        }
    }

    public ValueTask<Datagram> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<Datagram>(cancellationToken);
        Waiter<Datagram> waiter;
        @namespace.Enter();
        try
        {
            if (_received.TryDequeue(out var datagram)) return new(datagram);
            if (_closed) return ValueTask.FromException<Datagram>(new SocketFaultException(_fault ?? SocketFault.ConnectionAborted));
            if (_fault is { } fault)
            {
                _fault = null; // told once, as SO_ERROR is
                return ValueTask.FromException<Datagram>(new SocketFaultException(fault));
            }
            waiter = new();
            _receiving.Enqueue(waiter);
        }
        finally
        {
            @namespace.Leave();
        }
        @namespace.CancelWith(waiter, cancellationToken);
        return new(waiter.Task);
    }

    /// <summary>Under the lock.</summary>
    public void OnDatagram(Datagram datagram)
    {
        if (NextReceiver() is { } waiter)
        {
            waiter.Decide(datagram);
            @namespace.WakeLater(waiter);
        }
        else if (_received.Count < capacity)
        {
            _received.Enqueue(datagram);
        }
    }

    /// <summary>Under the lock: an ICMP error came for a datagram of this socket.</summary>
    public void OnUnreachable(SocketFault fault)
    {
        if (NextReceiver() is { } waiter)
        {
            waiter.Decide(new SocketFaultException(fault));
            @namespace.WakeLater(waiter);
        }
        else
        {
            _fault = fault;
        }
    }

    public void Dispose()
    {
        @namespace.Enter();
        Close(SocketFault.ConnectionAborted);
        @namespace.Leave();
    }

    /// <summary>Under the lock.</summary>
    public void Close(SocketFault fault)
    {
        if (_closed) return;
        (_closed, _fault) = (true, fault);
        _received.Clear();
        @namespace.Remove(this);
        while (NextReceiver() is { } waiter)
        {
            waiter.Decide(new SocketFaultException(fault));
            @namespace.WakeLater(waiter);
        }
    }

    private Waiter<Datagram>? NextReceiver()
    {
        while (_receiving.TryDequeue(out var waiter))
            if (!waiter.IsDecided) return waiter;
        return null;
    }
}
