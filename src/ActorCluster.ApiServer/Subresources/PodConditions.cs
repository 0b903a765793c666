using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>Conditions that the API server itself sets on pods.</summary>
internal static class PodConditions
{
    /// <summary>Sets a condition to True; its time of transition only changes with its status.</summary>
    public static void SetTrue(JsonObject pod, string type, string now, string? reason = null, string? message = null)
    {
        var status = pod.Ensure("status");
        if (status.GetArray("conditions") is not { } conditions) status["conditions"] = conditions = [];
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(c => c.GetString("type") == type);
        if (condition is null) conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = type }));
        if (condition.GetString("status") != "True") condition["lastTransitionTime"] = now;
        condition["status"] = "True";
        condition["lastProbeTime"] = null;
        condition.Put("reason", reason);
        condition.Put("message", message);
        if (pod.IntegerAt("metadata", "generation") is { } generation) condition["observedGeneration"] = generation;
    }
}
