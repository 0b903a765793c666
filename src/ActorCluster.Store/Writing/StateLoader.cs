using System.Collections.Immutable;
using ActorCluster.Api;
using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Store.History;
using ActorCluster.Store.Snapshots;

namespace ActorCluster.Store.Writing;

/// <summary>Replays a backend's versions into a snapshot and a watch history, without the cost of a tree change for each.</summary>
internal sealed class StateLoader(long compacted, WatchHistory history, StringPool pool)
{
    private const int BatchSize = 1_000;

    private readonly Dictionary<ObjectKey, StoredObject> _current = [];
    private readonly List<StoreChange> _batch = [];

    public void Add(StoredVersion version)
    {
        var previous = _current.GetValueOrDefault(version.Key);
        StoredObject? stored = null;
        if (version.Object is { } read)
        {
            var key = previous?.Key ?? pool.Shared(version.Key);
            stored = read with { Key = key, Header = pool.Shared(read.Header, previous?.Header) };
            _current[key] = stored;
        }
        else
        {
            _current.Remove(version.Key);
        }

        // A deletion of something that compaction has removed already says nothing any more.
        if (version.Revision <= compacted || (stored ?? previous) is null) return;
        _batch.Add(new StoreChange(version.Revision, previous, stored));
        if (_batch.Count == BatchSize) Flush();
    }

    public StoreState Finish(long revision)
    {
        Flush();
        var resources = _current.Values
            .GroupBy(static stored => stored.Key.Resource)
            .ToImmutableDictionary(static group => group.Key, static group => Sorted(group));
        var owners = _current.Values
            .SelectMany(static stored => stored.Header.OwnerUids, static (stored, owner) => new Ownership(owner, stored.Key))
            .Order(Comparer<Ownership>.Create(static (one, other) => new OwnershipProbe(one).CompareTo(other)))
            .Distinct()
            .ToList();
        history.Reach(revision);
        return new StoreState(new StoreSnapshot(revision, resources, PersistentTree<Ownership>.FromSorted(owners)), history);
    }

    private static PersistentTree<StoredObject> Sorted(IEnumerable<StoredObject> objects) =>
        PersistentTree<StoredObject>.FromSorted([.. objects.OrderBy(static stored => stored.Key)]);

    private void Flush()
    {
        if (_batch.Count == 0) return;
        history.Append(_batch);
        _batch.Clear();
    }
}
