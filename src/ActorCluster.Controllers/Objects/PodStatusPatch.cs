using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Sets one condition of a pod, unless the pod has changed meanwhile (409: look again).</summary>
internal static class PodStatusPatch
{
    /// <returns>The pod as it is now; null if it is gone.</returns>
    public static Task<V1Pod?> SetConditionAsync(KubeClient client, V1Pod pod, V1PodCondition condition, CancellationToken cancellationToken) =>
        SetConditionsAsync(client, pod, [.. (pod.Status?.Conditions ?? []).Where(c => c.Type != condition.Type), condition], cancellationToken);

    public static Task<V1Pod?> SetConditionsAsync(KubeClient client, V1Pod pod, IReadOnlyList<V1PodCondition> conditions, CancellationToken cancellationToken)
    {
        // The whole list, as a merge patch can't name one element; the version makes sure that it is no old one.
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["resourceVersion"] = pod.Metadata.ResourceVersion },
            ["status"] = new JsonObject { ["conditions"] = JsonNode.Parse(KubernetesJson.Serialize(conditions)) },
        };
        return client.PatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, patch, "status", ct: cancellationToken);
    }
}
