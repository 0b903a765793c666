using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Adoption and release: changes of an object's owner references, refused (409) if the object is no longer the one that was looked at.</summary>
internal static class OwnerPatch
{
    /// <param name="finalizer">What the owner holds its own by; null if it doesn't.</param>
    public static Task AddControllerAsync<T>(KubeClient client, T item, V1OwnerReference owner, string? finalizer, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SetAsync(client, item, [.. item.Metadata.OwnerReferences ?? [], owner], Finalizers(item, finalizer, finalizer), cancellationToken);

    public static Task RemoveAsync<T>(KubeClient client, T item, string ownerUid, string? finalizer, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SetAsync(client, item, [.. (item.Metadata.OwnerReferences ?? []).Where(owner => owner.Uid != ownerUid)], Finalizers(item, finalizer, null), cancellationToken);

    /// <summary>Other owners, in place of those that there are.</summary>
    public static Task SetAsync<T>(KubeClient client, T item, List<V1OwnerReference> owners, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SetAsync(client, item, owners, Finalizers(item, null, null), cancellationToken);

    private static List<string> Finalizers<T>(T item, string? without, string? with) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        List<string> finalizers = [.. (item.Metadata.Finalizers ?? []).Where(finalizer => finalizer != without)];
        if (with is not null) finalizers.Add(with);
        return finalizers;
    }

    private static async Task SetAsync<T>(
        KubeClient client, T item, List<V1OwnerReference> owners, List<string> finalizers, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = item.Metadata.Uid,
                ["resourceVersion"] = item.Metadata.ResourceVersion,
                ["ownerReferences"] = JsonNode.Parse(KubernetesJson.Serialize(owners)),
            },
        };
        if (!finalizers.SequenceEqual(item.Metadata.Finalizers ?? [])) patch["metadata"]!["finalizers"] = JsonNode.Parse(KubernetesJson.Serialize(finalizers));
        await client.PatchAsync<T>(item.Metadata.NamespaceProperty ?? "", item.Metadata.Name, patch, ct: cancellationToken);
    }
}
