using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>Makes a <see cref="Claim{T}"/> true: orphans get their owner, what no longer matches loses it.</summary>
/// <param name="finalizer">What the owner holds its own by; null if it doesn't.</param>
internal sealed class Ownership<TOwner>(KubeClient client, OwnerKind kind, string? finalizer = null) where TOwner : class, IKubernetesObject<V1ObjectMeta>
{
    /// <returns>Whether the orphans have been adopted; not if the owner turned out to be deleted, or to be another by now.</returns>
    public async Task<bool> ApplyAsync<T>(TOwner owner, Claim<T> claim, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        // Whoever is being deleted must not take anything, or the garbage collector would delete it.
        var mayAdopt = claim.Adopt.Count > 0 && !await IsBeingDeletedAsync(owner, cancellationToken);
        if (mayAdopt)
        {
            foreach (var item in claim.Adopt) await OwnerPatch.AddControllerAsync(client, item, kind.Reference(owner), finalizer, cancellationToken);
        }

        foreach (var item in claim.Release) await OwnerPatch.RemoveAsync(client, item, owner.Metadata.Uid, finalizer, cancellationToken);
        return mayAdopt;
    }

    /// <summary>Asks the API, since the cache may be old: the watch of the dependents can be ahead of that of their owner.</summary>
    public async Task<bool> IsBeingDeletedAsync(TOwner owner, CancellationToken cancellationToken)
    {
        var fresh = await client.GetAsync<TOwner>(owner.Metadata.NamespaceProperty, owner.Metadata.Name, cancellationToken);
        return fresh?.Metadata.Uid != owner.Metadata.Uid || fresh.Metadata.DeletionTimestamp is not null;
    }
}
