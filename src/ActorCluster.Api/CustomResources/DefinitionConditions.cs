using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.CustomResources;

/// <summary>The conditions in a custom resource definition's status.</summary>
public static class DefinitionConditions
{
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public static bool IsTrue(JsonObject crd, string type) => Find(crd, type)?.GetString("status") == "True";

    public static JsonObject? Find(JsonObject crd, string type) => crd.GetObject("status").GetObjects("conditions").FirstOrDefault(c => c.GetString("type") == type);

    /// <param name="now">RFC 3339; the time of the last transition stays where the status does.</param>
    public static void Set(JsonObject crd, string type, bool status, string reason, string message, string now)
    {
        var conditions = crd.Ensure("status")["conditions"] as JsonArray;
        if (conditions is null) crd.Ensure("status")["conditions"] = conditions = [];
        var value = status ? "True" : "False";
        if (Find(crd, type) is not { } condition) conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = type }));
        if (condition.GetString("status") != value) condition["lastTransitionTime"] = now;
        condition["status"] = value;
        condition["reason"] = reason;
        condition["message"] = message;
    }
}
