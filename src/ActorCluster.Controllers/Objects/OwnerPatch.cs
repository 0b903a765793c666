using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Adoption and release: changes of an object's owner references, refused (409) if the object is no longer the one that was looked at.</summary>
internal static class OwnerPatch
{
    public static Task AddControllerAsync<T>(KubeClient client, T item, V1OwnerReference owner, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SetAsync(client, item, [.. item.Metadata.OwnerReferences ?? [], owner], cancellationToken);

    public static Task RemoveAsync<T>(KubeClient client, T item, string ownerUid, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SetAsync(client, item, [.. (item.Metadata.OwnerReferences ?? []).Where(owner => owner.Uid != ownerUid)], cancellationToken);

    private static async Task SetAsync<T>(KubeClient client, T item, List<V1OwnerReference> owners, CancellationToken cancellationToken)
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
        await client.PatchAsync<T>(item.Metadata.NamespaceProperty ?? "", item.Metadata.Name, patch, ct: cancellationToken);
    }
}
