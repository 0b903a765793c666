using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

/// <summary>A listening socket. Guarded by the namespace's lock.</summary>
internal sealed class TcpListener(NetworkNamespace @namespace, SocketAddress local, int backlog) : ITcpListener
{
    private readonly HashSet<TcpConnection> _halfOpen = [];
    private readonly AcceptQueue<ITcpConnection> _queue = new(@namespace);

    public SocketAddress Local => local;

    /// <summary>Under the lock: a SYN for this port. With the backlog full it is dropped, and the client tries again.</summary>
    public void OnSyn(TcpPacket syn, long now)
    {
        if (_halfOpen.Count + _queue.Count >= Math.Max(backlog, 1)) return;
        var connection = @namespace.AddConnection(new(new(syn.Destination, syn.DestinationPort), new(syn.Source, syn.SourcePort)), this);
        _halfOpen.Add(connection);
        connection.Machine.Accept(syn, now);
        @namespace.UpdateDeadline(connection);
    }

    public void OnEstablished(TcpConnection connection)
    {
        if (_halfOpen.Remove(connection)) _queue.Add(connection);
    }

    public void OnClosed(TcpConnection connection) => _halfOpen.Remove(connection);

    public ValueTask<ITcpConnection?> AcceptAsync(CancellationToken cancellationToken = default) => _queue.TakeAsync(cancellationToken);

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
        if (_queue.IsClosed) return;
        @namespace.Remove(this);
        var left = _queue.Close();
        if (reset)
        {
            foreach (var connection in _halfOpen.Concat(left.Cast<TcpConnection>()).ToArray()) connection.Machine.Abort();
        }
        _halfOpen.Clear();
    }
}
