namespace ActorCluster.Network.Stack;

/// <summary>What a listener has for its program: connections that wait to be accepted, or accepts that wait for a connection. Guarded by the namespace's lock.</summary>
internal sealed class AcceptQueue<T>(NetworkNamespace @namespace) where T : class
{
    private readonly Queue<T> _established = new();
    private readonly Queue<Waiter<T?>> _accepting = new();

    public int Count => _established.Count;

    public bool IsClosed { get; private set; }

    public void Add(T connection)
    {
        while (_accepting.TryDequeue(out var waiter))
        {
            if (waiter.IsDecided) continue; // cancelled
            waiter.Decide(connection);
            @namespace.WakeLater(waiter);
            return;
        }
        _established.Enqueue(connection);
    }

    /// <summary>The next one; null when the listener was closed.</summary>
    public ValueTask<T?> TakeAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<T?>(cancellationToken);
        Waiter<T?> waiter;
        @namespace.Enter();
        try
        {
            if (IsClosed) return new((T?)null);
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

    /// <returns>What nobody accepted.</returns>
    public IReadOnlyList<T> Close()
    {
        IsClosed = true;
        while (_accepting.TryDequeue(out var waiter))
        {
            if (waiter.IsDecided) continue;
            waiter.Decide((T?)null);
            @namespace.WakeLater(waiter);
        }
        T[] left = [.. _established];
        _established.Clear();
        return left;
    }
}
