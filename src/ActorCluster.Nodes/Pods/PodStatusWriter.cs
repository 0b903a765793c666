using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Nodes.Agent;
using k8s;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>How writing a pod's status ended.</summary>
internal abstract record StatusWrite : ILateMessage
{
    /// <param name="Pod">The object as the API server has it now.</param>
    internal sealed record Done(V1Pod Pod) : StatusWrite;

    /// <summary>Somebody else wrote at the same time.</summary>
    /// <param name="Pod">The object as it is now, to try again with.</param>
    internal sealed record Conflict(V1Pod Pod) : StatusWrite;

    /// <summary>There is no such pod any more, or a namesake took its place.</summary>
    internal sealed record Gone : StatusWrite;

    /// <summary>The API server can't be reached or refuses; the same again later.</summary>
    internal sealed record Failed(Exception Fault) : StatusWrite;
}

/// <summary>Writes a pod's status: only what changed, and only over what the node has seen (resourceVersion), so that conditions of others aren't lost.</summary>
internal static class PodStatusWriter
{
    private static readonly string[] Owned =
    [
        "phase", "reason", "message", "conditions", "startTime", "hostIP", "hostIPs", "podIP", "podIPs", "qosClass", "observedGeneration",
        "initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses",
    ];

    /// <returns>The merge patch from the object's status to the new one; null if they are the same.</returns>
    public static JsonObject? Difference(V1Pod pod, V1PodStatus status)
    {
        var before = ToJson(pod.Status);
        var after = ToJson(status);
        var changes = new JsonObject();
        foreach (var field in Owned)
        {
            if (JsonNode.DeepEquals(before[field], after[field])) continue;
            changes[field] = after[field] is { } value ? value.DeepClone() : null;
        }
        if (changes.Count == 0) return null;
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["resourceVersion"] = pod.Metadata.ResourceVersion },
            ["status"] = changes,
        };
    }

    public static async Task<StatusWrite> WriteAsync(KubeClient client, V1Pod pod, JsonObject patch)
    {
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        try
        {
            var written = await client.PatchAsync<V1Pod>(ns, name, patch, "status");
            return written is null ? new StatusWrite.Gone() : new StatusWrite.Done(written);
        }
        catch (ApiStatusException fault) when (fault.IsConflict)
        {
            return await ReadAgainAsync(client, pod);
        }
        catch (Exception fault) when (fault is ApiStatusException or ApiUnavailableException)
        {
            return new StatusWrite.Failed(fault);
        }
    }

    private static async Task<StatusWrite> ReadAgainAsync(KubeClient client, V1Pod pod)
    {
        try
        {
            var now = await client.GetAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name);
            return now is null || now.Metadata.Uid != pod.Metadata.Uid ? new StatusWrite.Gone() : new StatusWrite.Conflict(now);
        }
        catch (Exception fault) when (fault is ApiStatusException or ApiUnavailableException)
        {
            return new StatusWrite.Failed(fault);
        }
    }

    private static JsonObject ToJson(V1PodStatus? status) => status is null ? [] : JsonNode.Parse(KubernetesJson.Serialize(status))!.AsObject();
}
