using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Writes what the scheduler has to say of a pod into its status.</summary>
internal sealed class SchedulingStatus(KubeClient client, ControllerServices services)
{
    /// <summary>Somebody else may be writing the status at the same time; so often we read it again.</summary>
    private const int Attempts = 4;

    /// <summary>Sets a condition, and where room is being made for the pod, unless the pod has got a node or is gone.</summary>
    /// <param name="nominatedNode">Null: stays as it is; "": none.</param>
    /// <exception cref="ApiStatusException">409: others were always faster.</exception>
    public async Task SetAsync(V1Pod pod, V1PodCondition? condition, string? nominatedNode, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (PatchOf(pod, condition, nominatedNode) is not { } status) return;
            try
            {
                var patch = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["resourceVersion"] = pod.Metadata.ResourceVersion },
                    ["status"] = status,
                };
                await client.PatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, patch, "status", ct: cancellationToken);
                return;
            }
            catch (ApiStatusException failure) when (failure.IsConflict && attempt < Attempts)
            {
                var now = await client.GetAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, cancellationToken);
                if (now is null || now.Metadata.Uid != pod.Metadata.Uid) return;
                if (PodFacts.IsScheduled(now) && !PodFacts.IsScheduled(pod)) return;
                pod = now;
            }
        }
    }

    private JsonObject? PatchOf(V1Pod pod, V1PodCondition? condition, string? nominatedNode)
    {
        var status = new JsonObject();
        if (condition is not null)
        {
            var before = Conditions.Find(pod, condition.Type);
            if (before is null || before.Status != condition.Status || before.Reason != condition.Reason || before.Message != condition.Message)
            {
                condition.ObservedGeneration = pod.Metadata.Generation;
                condition.LastTransitionTime = before?.Status == condition.Status ? before.LastTransitionTime : services.Now.ToApiTime();
                // The whole list, as a merge patch can't name one element.
                List<V1PodCondition> all = [.. (pod.Status?.Conditions ?? []).Where(other => other.Type != condition.Type), condition];
                status["conditions"] = JsonNode.Parse(KubernetesJson.Serialize(all));
            }
        }

        if (nominatedNode is not null && (pod.Status?.NominatedNodeName ?? "") != nominatedNode) status["nominatedNodeName"] = nominatedNode.Length == 0 ? null : nominatedNode;
        return status.Count == 0 ? null : status;
    }
}
