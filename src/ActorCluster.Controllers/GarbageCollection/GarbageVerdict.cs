using System.Collections.Immutable;
using ActorCluster.Controllers.Metadata;

namespace ActorCluster.Controllers.GarbageCollection;

/// <summary>What is known of an owner, by a fresh look at it.</summary>
internal enum OwnerState
{
    /// <summary>It is there and stays, or it can't be told: in doubt nothing is deleted.</summary>
    Solid,

    /// <summary>It is gone, or another object has its name now.</summary>
    Absent,

    /// <summary>It is being deleted in the foreground and waits for this object.</summary>
    Waiting,
}

/// <summary>What is to become of an object, given its owners (attemptToDeleteItem in pkg/controller/garbagecollector). Pure.</summary>
internal abstract record GarbageVerdict
{
    public sealed record Keep : GarbageVerdict;

    /// <summary>It stays, but without the references to owners that are gone or going.</summary>
    public sealed record DropOwners(ImmutableArray<OwnerMetadata> Remaining) : GarbageVerdict;

    public sealed record Delete(string Propagation) : GarbageVerdict;

    /// <param name="hasDependents">Whether others depend on it in turn.</param>
    public static GarbageVerdict Of(ObjectMetadata item, IReadOnlyList<OwnerState> owners, bool hasDependents)
    {
        // On its way already, or owned by nobody.
        if (item.Deleting || item.Owners.IsEmpty) return new Keep();
        if (owners.Contains(OwnerState.Solid))
        {
            return owners.All(state => state == OwnerState.Solid)
                ? new Keep()
                : new DropOwners([.. item.Owners.Where((_, i) => owners[i] == OwnerState.Solid)]);
        }

        // The owner waits for the whole tree below this object, so this one must wait for its own dependents, too.
        if (owners.Contains(OwnerState.Waiting) && hasDependents) return new Delete("Foreground");
        return new Delete(
            item.Finalizers.Contains(ObjectMetadata.OrphanFinalizer) ? "Orphan"
            : item.Finalizers.Contains(ObjectMetadata.ForegroundFinalizer) ? "Foreground"
            : "Background");
    }
}
