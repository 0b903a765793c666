using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.History;

/// <summary>A reader's place in a feed. Holds no changes itself, so one that stops reading costs nothing but its place.</summary>
internal sealed class StoreWatch(WatchHistory history, FeedScope scope, ChangeFeed feed, long afterRevision) : IStoreWatch
{
    private readonly CancellationTokenSource _disposed = new();
    private long _index = feed.IndexAfter(afterRevision);
    private long _position = afterRevision;

    public long Position
    {
        get
        {
            // In this order: what was complete up to a revision before we find nothing left to read has all been handed out.
            var upTo = history.UpTo;
            return feed.IsEnd(Volatile.Read(ref _index)) ? Math.Max(upTo, Volatile.Read(ref _position)) : Volatile.Read(ref _position);
        }
    }

    public async ValueTask<IReadOnlyList<StoreChange>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            var changes = feed.Read(_index);
            if (changes.Count == 0)
            {
                if (feed.Wait(_index) is not { } place) continue;
                var registration = cancellationToken.UnsafeRegister(static (source, token) => ((TaskCompletionSource)source!).TrySetCanceled(token), place.Value);
                try
                {
                    await place.Value.Task;
                }
                finally
                {
                    registration.Unregister();
                    feed.Leave(place);
                }

                continue;
            }

            var fresh = Fresh(changes);
            Volatile.Write(ref _index, _index + changes.Count);
            if (fresh.Count == 0) continue;
            Volatile.Write(ref _position, fresh[^1].Revision);
            return fresh;
        }
    }

    public void Dispose()
    {
        if (_disposed.IsCancellationRequested) return;
        _disposed.Cancel();
        _disposed.Dispose();
        history.Release(scope, feed);
    }

    /// <summary>A watch that starts at a revision just published may see it arrive in the feed after that: leave it out.</summary>
    private ArraySegment<StoreChange> Fresh(ArraySegment<StoreChange> changes)
    {
        var old = 0;
        while (old < changes.Count && changes[old].Revision <= _position) old++;
        return changes[old..];
    }
}
