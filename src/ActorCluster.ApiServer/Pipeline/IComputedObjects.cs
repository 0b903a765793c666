using ActorCluster.Api;
using ActorCluster.Api.Errors;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Makes the objects of a resource that is never stored, when they are asked for.</summary>
internal interface IComputedObjects
{
    /// <summary>One object; null if there is none.</summary>
    /// <exception cref="StatusException">There is none, in other words than for all resources.</exception>
    StoredObject? Get(IStoreSnapshot snapshot, ObjectKey key);

    /// <summary>All objects of a resource, of one namespace if one is named, in key order.</summary>
    /// <param name="wanted">Which are to be made, by their names, labels and fields.</param>
    IEnumerable<StoredObject> List(IStoreSnapshot snapshot, ResourceName resource, string? ns, ObjectKey? after, Func<StoredObject, bool> wanted);
}
