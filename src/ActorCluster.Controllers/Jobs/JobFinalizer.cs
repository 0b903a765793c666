using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>Lets go of a job's pods.</summary>
internal static class JobFinalizer
{
    /// <returns>The pod as it is now, or was at last; null if it was gone already, or not held.</returns>
    public static async Task<V1Pod?> RemoveAsync(KubeClient client, V1Pod pod, CancellationToken cancellationToken)
    {
        if (!JobPodFacts.IsTracked(pod)) return null;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = pod.Metadata.Uid,
                ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(JobPodFacts.TrackingFinalizer),
            },
        };
        return await client.PatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, patch, type: PatchType.Strategic, ct: cancellationToken);
    }
}
