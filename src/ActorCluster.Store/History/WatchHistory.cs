using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.History;

/// <summary>
/// The changes that watches can still be given, bounded by age, number and bytes, and sorted into feeds. A feed of a part of a resource exists only
/// while somebody watches that part.
/// </summary>
internal sealed class WatchHistory(TimeProvider clock, StoreOptions options, long compacted)
{
    /// <summary>Feeds lose what is too old so many changes at a time, since all feeds must be looked at for it.</summary>
    private const int DroppedTogether = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<FeedScope, ChangeFeed> _feeds = [];

    /// <summary>By which fields of a resource there are feeds, and how many by each.</summary>
    private readonly Dictionary<ResourceName, SortedDictionary<string, int>> _fields = [];
    private readonly Queue<Portion> _portions = [];
    private Portion _newest;
    private long _compacted = compacted;
    private long _toDrop;
    private long _upTo = compacted;
    private long _count;
    private long _bytes;

    /// <summary>Everything up to this revision is in the feeds.</summary>
    public long UpTo => Volatile.Read(ref _upTo);

    /// <summary>Watches can start at this revision or later.</summary>
    public long Compacted => Volatile.Read(ref _compacted);

    /// <exception cref="RevisionCompactedException">The history doesn't reach back that far.</exception>
    public StoreWatch Watch(FeedScope scope, long afterRevision)
    {
        lock (_lock)
        {
            if (afterRevision < _compacted) throw new RevisionCompactedException(afterRevision, _compacted);
            var feed = FeedFor(scope);
            feed.Watches++;
            return new StoreWatch(this, scope, feed, afterRevision);
        }
    }

    public void Release(FeedScope scope, ChangeFeed feed)
    {
        lock (_lock)
        {
            if (--feed.Watches > 0 || scope.IsWhole) return;
            _feeds.Remove(scope);
            if (scope.Field is { } field && --_fields[scope.Resource][field.Field] == 0) _fields[scope.Resource].Remove(field.Field);
        }
    }

    /// <summary>Adds one committed batch, wakes whom it concerns, and lets go of what is too old.</summary>
    /// <param name="changes">Not empty; in revision order.</param>
    public void Append(IReadOnlyList<StoreChange> changes)
    {
        var touched = new List<ChangeFeed>();
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            foreach (var change in changes)
            {
                Count(change, now);
                var whole = FeedFor(new FeedScope(change.Key.Resource));
                whole.Append(change);
                touched.Add(whole);
                foreach (var scope in PartsOf(change))
                {
                    if (!_feeds.TryGetValue(scope, out var part)) continue;
                    part.Append(change);
                    touched.Add(part);
                }
            }

            DropOld();
            Volatile.Write(ref _upTo, changes[^1].Revision);
        }

        foreach (var feed in changes.Count == 1 ? touched : touched.Distinct()) feed.Pulse();
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
        while (_portions.TryPeek(out var oldest) && IsTooOld(oldest))
        {
            _portions.Dequeue();
            _count -= oldest.Count;
            _bytes -= oldest.Bytes;
            _toDrop += oldest.Count;
            Volatile.Write(ref _compacted, oldest.LastRevision);
        }

        if (_toDrop < Math.Min(DroppedTogether, Math.Max(1, options.HistoryMaximum / 32))) return;
        _toDrop = 0;
        foreach (var feed in _feeds.Values) feed.DropUpTo(_compacted);
    }

    private bool IsTooOld(Portion oldest) =>
        _count > options.HistoryMaximum || _bytes > options.HistoryMaximumBytes
        || (_count - oldest.Count >= options.HistoryMinimum && clock.GetElapsedTime(oldest.Ended) > options.HistoryAge);

    /// <summary>Where a change belongs besides the feed of its whole resource, each once.</summary>
    private IEnumerable<FeedScope> PartsOf(StoreChange change)
    {
        var key = change.Key;
        yield return new FeedScope(key.Resource, key.Namespace);
        if (!_fields.TryGetValue(key.Resource, out var fields)) yield break;
        foreach (var field in fields.Keys)
        {
            var (before, now) = (FeedScope.ValueOf(change.Previous, field), FeedScope.ValueOf(change.Current, field));
            if (before is not null)
            {
                yield return new FeedScope(key.Resource, null, new FieldValue(field, before));
                yield return new FeedScope(key.Resource, key.Namespace, new FieldValue(field, before));
            }
            if (now is null || now == before) continue;
            yield return new FeedScope(key.Resource, null, new FieldValue(field, now));
            yield return new FeedScope(key.Resource, key.Namespace, new FieldValue(field, now));
        }
    }

    private ChangeFeed FeedFor(FeedScope scope)
    {
        if (_feeds.TryGetValue(scope, out var feed)) return feed;
        _feeds[scope] = feed = new ChangeFeed();
        if (scope.Field is { } field)
        {
            if (!_fields.TryGetValue(scope.Resource, out var fields)) _fields[scope.Resource] = fields = new(StringComparer.Ordinal);
            fields[field.Field] = fields.GetValueOrDefault(field.Field) + 1;
        }
        if (scope.IsWhole || !_feeds.TryGetValue(new FeedScope(scope.Resource), out var whole)) return feed;
        foreach (var change in whole.ToList())
            if (scope.Has(change)) feed.Append(change);
        return feed;
    }

    private readonly record struct Portion(long LastRevision, int Count, long Bytes, long Began, long Ended);
}
