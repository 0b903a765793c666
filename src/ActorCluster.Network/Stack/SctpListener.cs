using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

/// <summary>A listening SCTP socket. It remembers nothing of associations before their cookie is back. Guarded by the namespace's lock.</summary>
internal sealed class SctpListener(NetworkNamespace @namespace, SocketAddress local, int backlog) : ISctpListener
{
    private readonly AcceptQueue<ISctpConnection> _queue = new(@namespace);

    public SocketAddress Local => local;

    /// <summary>Associations that come now are refused, as Linux does.</summary>
    public bool IsFull => _queue.Count >= Math.Max(backlog, 1);

    public void OnEstablished(SctpConnection connection) => _queue.Add(connection);

    public ValueTask<ISctpConnection?> AcceptAsync(CancellationToken cancellationToken = default) => _queue.TakeAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        @namespace.Enter();
        Close(abort: true);
        @namespace.Leave();
        return ValueTask.CompletedTask;
    }

    /// <summary>Under the lock. Associations that nobody accepted are aborted.</summary>
    public void Close(bool abort)
    {
        if (_queue.IsClosed) return;
        @namespace.Remove(this);
        foreach (var connection in _queue.Close())
            if (abort) connection.Abort();
    }
}
