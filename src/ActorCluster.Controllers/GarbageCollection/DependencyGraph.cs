using ActorCluster.Controllers.Metadata;

namespace ActorCluster.Controllers.GarbageCollection;

/// <summary>Who owns whom (pkg/controller/garbagecollector/graph_builder.go). Says which objects must be looked at after a change.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class DependencyGraph
{
    private readonly Dictionary<string, ObjectMetadata> _objects = [];
    private readonly Dictionary<string, SortedSet<string>> _dependents = [];
    private readonly Lock _lock = new();

    public ObjectMetadata? Find(string uid)
    {
        lock (_lock) return _objects.GetValueOrDefault(uid);
    }

    public IReadOnlyList<ObjectMetadata> DependentsOf(string uid)
    {
        lock (_lock) return _dependents.TryGetValue(uid, out var uids) ? [.. uids.Select(dependent => _objects[dependent])] : [];
    }

    /// <summary>Takes in a change.</summary>
    /// <returns>The uids of the objects that may have to be deleted, let go, or let die because of it.</returns>
    public IReadOnlyCollection<string> Apply(ObjectMetadata? before, ObjectMetadata? after)
    {
        lock (_lock)
        {
            if (before is not null && after is not null && IsIndifferent(before, after))
            {
                _objects[after.Uid] = after;
                return [];
            }

            HashSet<string> affected = [];
            if (before is not null) Unlink(before);
            if (after is not null) Link(after);
            if (after is null)
            {
                // Its dependents have lost an owner; owners that waited for it may be free to go.
                if (_dependents.TryGetValue(before!.Uid, out var dependents)) affected.UnionWith(dependents);
                AddWaitingOwners(before, affected);
                return affected;
            }

            if (after.WaitsForDependents || after.OrphansDependents) affected.Add(after.Uid);
            // An owner that was never seen is gone, or is only about to be seen: the look at the object itself will tell.
            if (after.Owners.Any(owner => !_objects.TryGetValue(owner.Uid, out var known) || known.WaitsForDependents)) affected.Add(after.Uid);
            if (before is not null && !before.Owners.SequenceEqual(after.Owners)) AddWaitingOwners(before, affected);
            return affected;
        }
    }

    /// <summary>Most changes are: heartbeats.</summary>
    private bool IsIndifferent(ObjectMetadata before, ObjectMetadata after)
    {
        if (before.Uid != after.Uid || after.WaitsForDependents || after.OrphansDependents || !before.Owners.AsSpan().SequenceEqual(after.Owners.AsSpan())) return false;
        foreach (var owner in after.Owners)
        {
            if (!_objects.TryGetValue(owner.Uid, out var known) || known.WaitsForDependents) return false;
        }

        return true;
    }

    private void AddWaitingOwners(ObjectMetadata item, HashSet<string> affected)
    {
        foreach (var owner in item.Owners)
        {
            if (_objects.TryGetValue(owner.Uid, out var known) && known.WaitsForDependents) affected.Add(owner.Uid);
        }
    }

    private void Link(ObjectMetadata item)
    {
        _objects[item.Uid] = item;
        foreach (var owner in item.Owners)
        {
            if (!_dependents.TryGetValue(owner.Uid, out var uids)) _dependents.Add(owner.Uid, uids = new(StringComparer.Ordinal));
            uids.Add(item.Uid);
        }
    }

    private void Unlink(ObjectMetadata item)
    {
        _objects.Remove(item.Uid);
        foreach (var owner in item.Owners)
        {
            if (!_dependents.TryGetValue(owner.Uid, out var uids)) continue;
            uids.Remove(item.Uid);
            if (uids.Count == 0) _dependents.Remove(owner.Uid);
        }
    }
}
