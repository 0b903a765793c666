using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

/// <summary>A listening socket. Guarded by the namespace's lock.</summary>
internal sealed class TcpListener(NetworkNamespace @namespace, SocketAddress local, int backlog) : ITcpListener
{
    private readonly HashSet<TcpConnection> _halfOpen = [];
    private readonly Queue<TcpConnection> _established = new();
    private readonly Queue<Waiter<ITcpConnection?>> _accepting = new();
    private bool _closed;

    public SocketAddress Local => local;

    /// <summary>Under the lock: a SYN for this port. With the backlog full it is dropped, and the client tries again.</summary>
    public void OnSyn(TcpPacket syn, long now)
    {
        if (_halfOpen.Count + _established.Count >= Math.Max(backlog, 1)) return;
        var connection = @namespace.AddConnection(new(new(syn.Destination, syn.DestinationPort), new(syn.Source, syn.SourcePort)), this);
        _halfOpen.Add(connection);
        connection.Machine.Accept(syn, now);
        @namespace.UpdateDeadline(connection);
    }

    public void OnEstablished(TcpConnection connection)
    {
        if (!_halfOpen.Remove(connection)) return;
        while (_accepting.TryDequeue(out var waiter))
        {
            if (waiter.IsDecided) continue; // cancelled
            waiter.Decide(connection);
            @namespace.WakeLater(waiter);
            return;
        }
        _established.Enqueue(connection);
    }

    public void OnClosed(TcpConnection connection) => _halfOpen.Remove(connection);

    public ValueTask<ITcpConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ITcpConnection?>(cancellationToken);
        Waiter<ITcpConnection?> waiter;
        @namespace.Enter();
        try
        {
            if (_closed) return new((ITcpConnection?)null);
            if (_established.TryDequeue(out var connection)) return new(connection);
            waiter = new();
            _accepting.Enqueue(waiter);
        }
        finally
        {
            @namespace.Leave();
        }
        @namespace.CancelWith(waiter, cancellationToken);
        return new(waiter.Task);
    }

    public ValueTask DisposeAsync()
    {
        @namespace.Enter();
        Close(reset: true);
        @namespace.Leave();
        return ValueTask.CompletedTask;
    }

    /// <summary>Under the lock. Connections that nobody accepted are reset, as Linux does.</summary>
    public void Close(bool reset)
    {
        if (_closed) return;
        _closed = true;
        @namespace.Remove(this);
        if (reset)
        {
            foreach (var connection in _halfOpen.Concat(_established).ToArray()) connection.Machine.Abort();
        }
        _halfOpen.Clear();
        _established.Clear();
        while (_accepting.TryDequeue(out var waiter))
        {
            if (waiter.IsDecided) continue;
            waiter.Decide((ITcpConnection?)null);
            @namespace.WakeLater(waiter);
        }
    }
}
