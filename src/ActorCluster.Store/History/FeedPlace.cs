using System.Threading.Tasks.Sources;

namespace ActorCluster.Store.History;

/// <summary>
/// One reader's place among those who wait at a feed's end, used for each of its waits. What awaits it goes on where it belongs at once, and not after a hop on the thread pool, which
/// nobody sees who wants to know whether all is quiet. Safe for concurrent use, but for who waits.
/// </summary>
internal sealed class FeedPlace : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _wait = new() { RunContinuationsAsynchronously = true };
    private int _waits;

    public FeedPlace() => Node = new(this);

    /// <summary>For the feed's list, under its lock.</summary>
    public LinkedListNode<FeedPlace> Node { get; }

    /// <summary>Completes when the wait that began last is over; to be awaited once.</summary>
    public ValueTask Reached => new(this, _wait.Version);

    /// <summary>Begins a wait; the one before it is over and has been awaited.</summary>
    public void Begin()
    {
        _wait.Reset();
        Volatile.Write(ref _waits, 1);
    }

    /// <summary>There is something to read.</summary>
    public void Complete()
    {
        if (IsFirst()) _wait.SetResult(true);
    }

    /// <summary>Who waits is told of a cancellation; nothing happens when nobody does.</summary>
    public void Cancel(CancellationToken token)
    {
        if (IsFirst()) _wait.SetException(new OperationCanceledException(token));
    }

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    /// <summary>Of those who end a wait.</summary>
    private bool IsFirst() => Interlocked.Exchange(ref _waits, 0) == 1;
}
