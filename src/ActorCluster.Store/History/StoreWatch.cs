using System.Runtime.CompilerServices;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.History;

/// <summary>A reader's place in a feed. Holds no changes itself, so one that stops reading costs nothing but its place.</summary>
internal sealed class StoreWatch(WatchHistory history, FeedScope scope, ChangeFeed feed, long afterRevision) : IStoreWatch
{
    private readonly FeedPlace _place = new();
    private long _index = feed.IndexAfter(afterRevision);
    private long _position = afterRevision;
    private CancellationToken _token;
    private CancellationTokenRegistration _cancellation;
    private volatile bool _disposed;

    public long Position
    {
        get
        {
            // In this order: what was complete up to a revision before we find nothing left to read has all been handed out.
            var upTo = history.UpTo;
            return feed.IsEnd(Volatile.Read(ref _index)) ? Math.Max(upTo, Volatile.Read(ref _position)) : Volatile.Read(ref _position);
        }
    }

    /// <inheritdoc/>
    /// <remarks>One read at a time. Most of what a cluster's watches do is to wait anew after each change: neither that nor the read makes anything that is to be collected.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<IReadOnlyList<StoreChange>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_disposed, this);
            var changes = feed.Read(_index);
            if (changes.Count == 0)
            {
                CancelBy(cancellationToken);
                if (!feed.Wait(_index, _place)) continue;
                // What was cancelled before there was a place to cancel is cancelled now.
                if (cancellationToken.IsCancellationRequested) _place.Cancel(cancellationToken);
                try
                {
                    await _place.Reached;
                }
                finally
                {
                    feed.Leave(_place);
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
        if (_disposed) return;
        _disposed = true;
        _cancellation.Dispose();
        history.Release(scope, feed);
    }

    /// <summary>The place is told of a cancellation until another token is given: nearly all reads of a watch have the same.</summary>
    private void CancelBy(CancellationToken token)
    {
        if (token == _token) return;
        _cancellation.Dispose();
        _token = token;
        _cancellation = token.UnsafeRegister(static (place, cancelled) => ((FeedPlace)place!).Cancel(cancelled), _place);
    }

    /// <summary>A watch that starts at a revision just published may see it arrive in the feed after that: leave it out.</summary>
    private ArraySegment<StoreChange> Fresh(ArraySegment<StoreChange> changes)
    {
        var old = 0;
        while (old < changes.Count && changes[old].Revision <= _position) old++;
        return changes[old..];
    }
}
