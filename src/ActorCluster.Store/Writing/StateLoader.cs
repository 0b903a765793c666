using System.Collections.Immutable;
using ActorCluster.Api;
using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Store.History;
using ActorCluster.Store.Snapshots;

namespace ActorCluster.Store.Writing;

/// <summary>Replays a backend's versions into a snapshot and a watch history, without the cost of a tree change for each.</summary>
internal sealed class StateLoader(long compacted, WatchHistory history)
{
    private const int BatchSize = 1_000;

    /// <summary>The newest version of each object so far, by its revision, which the one that replaces it names.</summary>
    private readonly Dictionary<long, StoredObject> _current = [];
    private readonly List<StoreChange> _batch = [];

    public void Add(StoredVersion version)
    {
        _current.Remove(version.PreviousRevision, out var previous);
        if (version.Object is { } stored) _current.Add(version.Revision, stored);

        // A deletion of something that compaction has removed already says nothing any more.
        if (version.Revision <= compacted || (version.Object ?? previous) is null) return;
        _batch.Add(new StoreChange(version.Revision, previous, version.Object));
        if (_batch.Count == BatchSize) Flush();
    }

    public StoreState Finish(long revision)
    {
        Flush();
        history.Reach(revision);
        var sorted = Sorted();
        var resources = sorted.ToImmutableDictionary(static objects => objects[0].Key.Resource, static objects => PersistentTree<StoredObject>.FromSorted(objects));
        return new StoreState(new StoreSnapshot(revision, resources, Owners(sorted)), history);
    }

    /// <summary>The objects of each resource in the order of their keys, the resources in theirs.</summary>
    private List<StoredObject[]> Sorted()
    {
        var byResource = new SortedDictionary<ResourceName, List<StoredObject>>();
        foreach (var stored in _current.Values)
        {
            if (!byResource.TryGetValue(stored.Key.Resource, out var objects)) byResource[stored.Key.Resource] = objects = [];
            objects.Add(stored);
        }

        return byResource.Values.AsParallel().AsOrdered().Select(static objects =>
        {
            var sorted = objects.ToArray();
            Array.Sort(sorted, static (one, other) => new NameProbe(one.Key.Namespace, one.Key.Name).CompareTo(other));
            return sorted;
        }).ToList();
    }

    /// <param name="sorted">By key, so that only the owners are left to sort.</param>
    private static PersistentTree<Ownership> Owners(List<StoredObject[]> sorted)
    {
        var byOwner = new Dictionary<string, List<Ownership>>(StringComparer.Ordinal);
        foreach (var objects in sorted)
        {
            foreach (var stored in objects)
            {
                foreach (var uid in stored.Header.OwnerUids)
                {
                    if (!byOwner.TryGetValue(uid, out var owned)) byOwner[uid] = owned = [];
                    var ownership = new Ownership(uid, stored.Key);
                    // An object may name an owner twice.
                    if (owned.Count == 0 || owned[^1] != ownership) owned.Add(ownership);
                }
            }
        }

        var owners = byOwner.Keys.ToArray();
        Array.Sort(owners, StringComparer.Ordinal);
        var all = new List<Ownership>(byOwner.Values.Sum(static owned => owned.Count));
        foreach (var owner in owners) all.AddRange(byOwner[owner]);
        return PersistentTree<Ownership>.FromSorted(all);
    }

    private void Flush()
    {
        if (_batch.Count == 0) return;
        history.Append(_batch);
        _batch.Clear();
    }
}
