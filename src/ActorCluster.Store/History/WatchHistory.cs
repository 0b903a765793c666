using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.History;

/// <summary>
/// The changes that watches can still be given, bounded by age, number and bytes, and sorted into feeds. A namespace's feed exists only
/// while somebody watches that namespace.
/// </summary>
internal sealed class WatchHistory(TimeProvider clock, StoreOptions options, long compacted)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ResourceName Resource, string? Namespace), ChangeFeed> _feeds = [];
    private readonly Queue<Portion> _portions = [];
    private Portion _newest;
    private long _compacted = compacted;
    private long _upTo = compacted;
    private long _count;
    private long _bytes;

    /// <summary>Everything up to this revision is in the feeds.</summary>
    public long UpTo => Volatile.Read(ref _upTo);

    /// <summary>Watches can start at this revision or later.</summary>
    public long Compacted => Volatile.Read(ref _compacted);

    /// <exception cref="RevisionCompactedException">The history doesn't reach back that far.</exception>
    public StoreWatch Watch(ResourceName resource, string? @namespace, long afterRevision)
    {
        lock (_lock)
        {
            if (afterRevision < _compacted) throw new RevisionCompactedException(afterRevision, _compacted);
            var feed = FeedFor(resource, @namespace);
            feed.Watches++;
            return new StoreWatch(this, resource, @namespace, feed, afterRevision);
        }
    }

    public void Release(ResourceName resource, string? @namespace, ChangeFeed feed)
    {
        lock (_lock)
        {
            if (--feed.Watches == 0 && @namespace is not null) _feeds.Remove((resource, @namespace));
        }
    }

    /// <summary>Adds one committed batch, wakes whom it concerns, and lets go of what is too old.</summary>
    /// <param name="changes">Not empty; in revision order.</param>
    public void Append(IReadOnlyList<StoreChange> changes)
    {
        var touched = new HashSet<ChangeFeed>();
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            foreach (var change in changes)
            {
                Count(change, now);
                var key = change.Key;
                var feed = FeedFor(key.Resource, null);
                feed.Append(change);
                touched.Add(feed);
                if (!_feeds.TryGetValue((key.Resource, key.Namespace), out var ofNamespace)) continue;
                ofNamespace.Append(change);
                touched.Add(ofNamespace);
            }

            DropOld();
            Volatile.Write(ref _upTo, changes[^1].Revision);
        }

        foreach (var feed in touched) feed.Pulse();
    }

    /// <summary>Says that there is nothing more up to a revision: its changes have been compacted away.</summary>
    public void Reach(long revision)
    {
        lock (_lock) Volatile.Write(ref _upTo, Math.Max(_upTo, revision));
    }

    /// <summary>Changes are dropped by portions: so many at a time that it is worth the walk over the feeds.</summary>
    private void Count(StoreChange change, long now)
    {
        var bytes = change.Current?.Json.Length ?? 0;
        _count++;
        _bytes += bytes;
        if (_newest.Count >= Math.Max(1, options.HistoryMaximum / 32) || clock.GetElapsedTime(_newest.Began, now) > options.HistoryAge / 32)
        {
            if (_newest.Count > 0) _portions.Enqueue(_newest);
            _newest = new Portion(0, 0, 0, now, now);
        }

        _newest = _newest with { LastRevision = change.Revision, Count = _newest.Count + 1, Bytes = _newest.Bytes + bytes, Ended = now };
    }

    private void DropOld()
    {
        var compactedBefore = _compacted;
        while (_portions.TryPeek(out var oldest) && IsTooOld(oldest))
        {
            _portions.Dequeue();
            _count -= oldest.Count;
            _bytes -= oldest.Bytes;
            Volatile.Write(ref _compacted, oldest.LastRevision);
        }

        if (_compacted == compactedBefore) return;
        foreach (var feed in _feeds.Values) feed.DropUpTo(_compacted);
    }

    private bool IsTooOld(Portion oldest) =>
        _count > options.HistoryMaximum || _bytes > options.HistoryMaximumBytes
        || (_count - oldest.Count >= options.HistoryMinimum && clock.GetElapsedTime(oldest.Ended) > options.HistoryAge);

    private ChangeFeed FeedFor(ResourceName resource, string? @namespace)
    {
        if (_feeds.TryGetValue((resource, @namespace), out var feed)) return feed;
        _feeds[(resource, @namespace)] = feed = new ChangeFeed();
        if (@namespace is null || !_feeds.TryGetValue((resource, null), out var whole)) return feed;
        foreach (var change in whole.ToList())
            if (string.Equals(change.Key.Namespace, @namespace, StringComparison.Ordinal)) feed.Append(change);
        return feed;
    }

    private readonly record struct Portion(long LastRevision, int Count, long Bytes, long Began, long Ended);
}
