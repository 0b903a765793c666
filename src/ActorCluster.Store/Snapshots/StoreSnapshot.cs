using System.Collections.Immutable;
using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.Snapshots;

/// <summary>All objects at one revision: a sorted tree for each resource, and who owns what.</summary>
internal sealed class StoreSnapshot(
    long revision,
    ImmutableDictionary<ResourceName, PersistentTree<StoredObject>> resources,
    PersistentTree<Ownership> owners) : IStoreSnapshot
{
    public static readonly StoreSnapshot Empty =
        new(0, ImmutableDictionary<ResourceName, PersistentTree<StoredObject>>.Empty, PersistentTree<Ownership>.Empty);

    public long Revision { get; } = revision;

    public ImmutableDictionary<ResourceName, PersistentTree<StoredObject>> Resources { get; } = resources;

    public PersistentTree<Ownership> Owners { get; } = owners;

    public StoredObject? Get(ObjectKey key) =>
        Resources.TryGetValue(key.Resource, out var tree) && tree.TryFind(new NameProbe(key.Namespace, key.Name), out var found) ? found : null;

    public IEnumerable<StoredObject> List(ResourceName resource, string? @namespace = null, ObjectKey? afterKey = null)
    {
        if (!Resources.TryGetValue(resource, out var tree)) yield break;
        var start = (Namespace: @namespace ?? "", Name: "");
        if (afterKey is { } after && string.CompareOrdinal(after.Namespace, start.Namespace) >= 0) start = (after.Namespace, after.Name);
        foreach (var stored in tree.From(new NameProbe(start.Namespace, start.Name)))
        {
            if (@namespace is not null && !string.Equals(stored.Key.Namespace, @namespace, StringComparison.Ordinal)) yield break;
            if (stored.Key != afterKey) yield return stored;
        }
    }

    public int Count(ResourceName resource, string? @namespace = null)
    {
        if (!Resources.TryGetValue(resource, out var tree)) return 0;
        return @namespace is null
            ? tree.Count
            : tree.Rank(new NamespaceEndProbe(@namespace)) - tree.Rank(new NameProbe(@namespace, ""));
    }

    public IEnumerable<StoredObject> ListOwnedBy(string ownerUid)
    {
        foreach (var ownership in Owners.From(new OwnerProbe(ownerUid)))
        {
            if (!string.Equals(ownership.OwnerUid, ownerUid, StringComparison.Ordinal)) yield break;
            yield return Get(ownership.Owned) ?? throw new InvalidOperationException($"the owner index names {ownership.Owned}, which is not there");
        }
    }
}
