using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.FlowControl;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Bootstrap;

/// <summary>
/// Makes the flow schemas and priority levels that every API server has, and says of each schema whether its level exists
/// (pkg/registry/flowcontrol/ensurer, apiserver/pkg/util/flowcontrol/apf_controller.go).
/// </summary>
internal static class FlowControlKeeper
{
    private const string Dangling = "Dangling";
    private static readonly ResourceName Schemas = new("flowcontrol.apiserver.k8s.io", "flowschemas");
    private static readonly ResourceName Levels = new("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");
    private static readonly ApiRequestOptions Consumer = new() { FieldManager = "api-priority-and-fairness-config-consumer-v1" };

    /// <summary>What it looks after.</summary>
    public static IReadOnlyList<ResourceName> Kept { get; } = [Schemas, Levels];

    /// <exception cref="InvalidOperationException">The API refused; the message is its.</exception>
    public static async Task KeepAsync(ApiPipeline api, CancellationToken cancellationToken)
    {
        // All at once, so that they are one transaction.
        await Task.WhenAll([
            .. FlowControlObjects.PriorityLevels.Select(level => SystemObjects.CreateAsync(api, Levels, "", level, cancellationToken)),
            .. FlowControlObjects.FlowSchemas.Select(schema => SystemObjects.CreateAsync(api, Schemas, "", schema, cancellationToken)),
        ]);
        var levels = (await ListAsync(api, Levels, cancellationToken)).Select(level => ObjectMetadata.Of(level).Name).ToHashSet();
        var stale = (await ListAsync(api, Schemas, cancellationToken)).Select(schema => (Schema: schema, Condition: ConditionOf(schema, levels))).Where(s => !IsSaid(s.Schema, s.Condition));
        await Task.WhenAll(stale.Select(s => WriteAsync(api, s.Schema, s.Condition, cancellationToken)));
    }

    private static JsonObject ConditionOf(JsonObject schema, HashSet<string> levels)
    {
        var level = schema.TextAt("spec", "priorityLevelConfiguration", "name") ?? "";
        var exists = levels.Contains(level);
        var named = string.Create(CultureInfo.InvariantCulture, $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\"");
        return new JsonObject
        {
            ["type"] = Dangling,
            ["status"] = exists ? "False" : "True",
            ["reason"] = exists ? "Found" : "NotFound",
            ["message"] = exists ? $"{named} and it exists" : $"{named} but there is no such object",
        };
    }

    private static bool IsSaid(JsonObject schema, JsonObject condition)
    {
        if (schema.GetObject("status").GetObjects("conditions").FirstOrDefault(c => c.GetString("type") == Dangling) is not { } said) return false;
        return said.GetString("status") == condition.GetString("status") && said.GetString("message") == condition.GetString("message");
    }

    private static async Task WriteAsync(ApiPipeline api, JsonObject schema, JsonObject condition, CancellationToken cancellationToken)
    {
        condition["lastTransitionTime"] = ObjectMetadata.FormatTime(api.Simulation.Clock.GetUtcNow());
        var patch = new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } };
        var name = ObjectMetadata.Of(schema).Name;
        var answer = await api.SendAsync(new ApiRequest(
            ApiVerb.Patch, Schemas, Name: name, Subresource: "status", Body: JsonSerializer.SerializeToUtf8Bytes<JsonNode>(patch, JsonDocuments.CompactJson), PatchType: PatchType.Strategic,
            Options: Consumer), cancellationToken);
        // Not found: deleted meanwhile.
        if (answer is { IsSuccess: false, StatusCode: not 404 }) throw new InvalidOperationException($"could not write the status of flow schema {name}: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
    }

    private static async Task<IEnumerable<JsonObject>> ListAsync(ApiPipeline api, ResourceName resource, CancellationToken cancellationToken)
    {
        var answer = await api.SendAsync(new ApiRequest(ApiVerb.List, resource), cancellationToken);
        if (!answer.IsSuccess) throw new InvalidOperationException($"could not list {resource}: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
        return (JsonNode.Parse(answer.Body.Span) as JsonObject).GetObjects("items");
    }
}
