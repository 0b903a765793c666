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
        history.Reach(revision);
        return new StoreState(new StoreSnapshot(revision, resources, Owners()), history);
    }

    private PersistentTree<Ownership> Owners()
    {
        var owners = new List<Ownership>();
        foreach (var stored in _current.Values)
            foreach (var owner in stored.Header.OwnerUids) owners.Add(new Ownership(owner, stored.Key));
        owners.Sort(static (one, other) => new OwnershipProbe(one).CompareTo(other));
        // An object may name an owner twice.
        var last = 0;
        for (var i = 1; i < owners.Count; i++)
            if (owners[i] != owners[last]) owners[++last] = owners[i];
        if (owners.Count > 0) owners.RemoveRange(last + 1, owners.Count - last - 1);
        return PersistentTree<Ownership>.FromSorted(owners);
    }

    private static PersistentTree<StoredObject> Sorted(IEnumerable<StoredObject> objects)
    {
        var sorted = objects.ToArray();
        Array.Sort(sorted, static (one, other) => one.Key.CompareTo(other.Key));
        return PersistentTree<StoredObject>.FromSorted(sorted);
    }

    private void Flush()
    {
        if (_batch.Count == 0) return;
        history.Append(_batch);
        _batch.Clear();
    }
}
