using System.Collections.Immutable;
using ActorCluster.Api;
using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;

namespace ActorCluster.Store.Snapshots;

/// <summary>The state that a batch of transactions leads to, with all that changed on the way. Each transaction is taken whole or not at all.</summary>
internal sealed class SnapshotBuilder(StoreSnapshot start)
{
    private readonly Dictionary<ResourceName, PersistentTree<StoredObject>> _touched = [];
    private readonly List<StoreChange> _changes = [];
    private PersistentTree<Ownership> _owners = start.Owners;

    public long Revision { get; private set; } = start.Revision;

    /// <summary>In revision order.</summary>
    public IReadOnlyList<StoreChange> Changes => _changes;

    public StoreSnapshot ToSnapshot() => new(Revision, start.Resources.SetItems(_touched), _owners);

    /// <summary>Takes over a version that the backend has already.</summary>
    public void Apply(StoredVersion version) => Apply(new StoreChange(version.Revision, Find(version.Key), version.Object));

    /// <summary>Checks a transaction's preconditions against all that came before it, and applies it if they hold.</summary>
    public CommitResult TryApply(IReadOnlyList<Mutation> mutations, StringPool pool)
    {
        var firstChange = _changes.Count;
        try
        {
            var result = ApplyAll(mutations, pool);
            if (result is CommitResult.Conflict) TakeBack(firstChange);
            return result;
        }
        catch
        {
            TakeBack(firstChange);
            throw;
        }
    }

    private CommitResult ApplyAll(IReadOnlyList<Mutation> mutations, StringPool pool)
    {
        var written = ImmutableArray.CreateBuilder<StoredObject>(mutations.Count);
        foreach (var mutation in mutations)
        {
            var previous = Find(mutation.Key);
            var actual = previous?.Revision ?? 0;
            if (mutation.ExpectedRevision is { } expected && expected != actual) return new CommitResult.Conflict(mutation.Key, actual);
            if (MakeChange(mutation, previous, pool) is not { } change) continue;
            Apply(change);
            written.Add(change.Current ?? change.Left);
        }

        return new CommitResult.Committed(written.DrainToImmutable());
    }

    private StoreChange? MakeChange(Mutation mutation, StoredObject? previous, StringPool pool)
    {
        var revision = Revision + 1;
        switch (mutation)
        {
            case Mutation.Put put:
                var key = previous?.Key ?? pool.Shared(put.Key);
                var current = new StoredObject(key, revision, pool.Shared(put.Header, previous?.Header), RevisionText.Insert(put.Json, revision)) { Renewal = put.Renewal };
                return new StoreChange(revision, previous, current);
            case Mutation.Delete:
                return previous is null ? null : new StoreChange(revision, previous, null);
            default:
                throw new ArgumentException($"{mutation.GetType()} is no mutation the store knows.", nameof(mutation));
        }
    }

    private void Apply(StoreChange change)
    {
        Place(change);
        _changes.Add(change);
        Revision = change.Revision;
    }

    private void TakeBack(int firstChange)
    {
        for (var i = _changes.Count - 1; i >= firstChange; i--)
        {
            var change = _changes[i];
            Place(new StoreChange(change.Revision, change.Current, change.Previous));
            Revision = change.Revision - 1;
        }

        _changes.RemoveRange(firstChange, _changes.Count - firstChange);
    }

    private StoredObject? Find(ObjectKey key) => TreeOf(key.Resource).TryFind(new NameProbe(key.Namespace, key.Name), out var found) ? found : null;

    private void Place(StoreChange change)
    {
        var key = change.Key;
        var probe = new NameProbe(key.Namespace, key.Name);
        var tree = TreeOf(key.Resource);
        _touched[key.Resource] = change.Current is { } current ? tree.Set(probe, current) : tree.Remove(probe);
        UpdateOwners(key, change.Previous?.Header.OwnerUids ?? [], change.Current?.Header.OwnerUids ?? []);
    }

    private void UpdateOwners(ObjectKey key, ImmutableArray<string> before, ImmutableArray<string> after)
    {
        if (before.AsSpan().SequenceEqual(after.AsSpan())) return;
        foreach (var uid in before) _owners = _owners.Remove(new OwnershipProbe(new Ownership(uid, key)));
        foreach (var uid in after) _owners = _owners.Set(new OwnershipProbe(new Ownership(uid, key)), new Ownership(uid, key));
    }

    private PersistentTree<StoredObject> TreeOf(ResourceName resource) =>
        _touched.TryGetValue(resource, out var touched) ? touched : start.Resources.GetValueOrDefault(resource, PersistentTree<StoredObject>.Empty);
}
