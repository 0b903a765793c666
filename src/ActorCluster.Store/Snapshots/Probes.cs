using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.Snapshots;

/// <summary>One object's place among those of its resource.</summary>
internal readonly struct NameProbe(string @namespace, string name) : IProbe<StoredObject>
{
    public int CompareTo(StoredObject item)
    {
        var byNamespace = string.CompareOrdinal(@namespace, item.Key.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(name, item.Key.Name);
    }
}

/// <summary>After all objects of a namespace.</summary>
internal readonly struct NamespaceEndProbe(string @namespace) : IProbe<StoredObject>
{
    public int CompareTo(StoredObject item) => string.CompareOrdinal(@namespace, item.Key.Namespace) < 0 ? -1 : 1;
}

/// <summary>An object that names an owner.</summary>
internal readonly record struct Ownership(string OwnerUid, ObjectKey Owned);

/// <summary>One ownership's place.</summary>
internal readonly struct OwnershipProbe(Ownership sought) : IProbe<Ownership>
{
    public int CompareTo(Ownership item)
    {
        var byOwner = string.CompareOrdinal(sought.OwnerUid, item.OwnerUid);
        return byOwner != 0 ? byOwner : sought.Owned.CompareTo(item.Owned);
    }
}

/// <summary>Before everything that an owner owns.</summary>
internal readonly struct OwnerProbe(string ownerUid) : IProbe<Ownership>
{
    public int CompareTo(Ownership item) => string.CompareOrdinal(ownerUid, item.OwnerUid) > 0 ? 1 : -1;
}
