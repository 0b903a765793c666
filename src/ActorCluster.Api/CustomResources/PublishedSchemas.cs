using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.OpenApi;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.CustomResources;

/// <summary>A custom resource's schema as OpenAPI documents have it (apiextensions-apiserver/pkg/controller/openapi).</summary>
internal static class PublishedSchemas
{
    private static readonly string[] Left = ["$schema", "id", "example", "externalDocs"];
    private static readonly string[] Alternatives = ["allOf", "anyOf", "oneOf", "not"];

    public static PublishedSchema Of(string group, string version, string kind, JsonSchema? schema, JsonObject definition)
    {
        var name = $"{string.Join('.', group.Split('.').Reverse())}.{version}.{kind}";
        return new PublishedSchema(name, (openApi, metadata) => Build(schema, definition, openApi, metadata));
    }

    private static JsonObject Build(JsonSchema? schema, JsonObject definition, int openApi, string metadata)
    {
        // Clients that go by OpenAPI 2.0 would take anything more for all that there can be.
        if (schema is null || (openApi == 2 && schema.PreservesUnknown)) return new JsonObject { ["type"] = "object" };
        var json = (JsonObject)schema.Json.DeepClone();
        Complete(json, openApi, metadata);
        AddMetadata(json, openApi, metadata);
        if (definition.GetObjects("selectableFields").Select(f => f.GetString("jsonPath")).OfType<string>().ToList() is { Count: > 0 } fields)
            json["x-kubernetes-selectable-fields"] = new JsonArray([.. fields.Select(path => new JsonObject { ["fieldPath"] = path.TrimStart('.') })]);
        return json;
    }

    /// <summary>Takes out what OpenAPI documents don't have, and tells what embedded objects have besides.</summary>
    private static void Complete(JsonObject json, int openApi, string metadata)
    {
        foreach (var field in Left) json.Remove(field);
        if (openApi == 2) Reduce(json);
        foreach (var (_, property) in json.GetObject("properties") ?? []) if (property is JsonObject schema) Complete(schema, openApi, metadata);
        if (json.GetObject("items") is { } items) Complete(items, openApi, metadata);
        if (json.GetObject("additionalProperties") is { } others) Complete(others, openApi, metadata);
        if (json.GetBoolean(JsonSchema.EmbeddedResource) != true || (openApi == 2 && json.GetBoolean(JsonSchema.PreserveUnknownFields) == true)) return;
        AddMetadata(json, openApi, metadata);
        json["required"] = JsonDocuments.ArrayOf([.. json.GetStrings("required").Union(["kind", "apiVersion"])]);
    }

    /// <summary>What clients of OpenAPI 2.0 can't read (controller/openapi/v2/conversion.go).</summary>
    private static void Reduce(JsonObject json)
    {
        foreach (var field in Alternatives) json.Remove(field);
        var preserves = json.GetBoolean(JsonSchema.PreserveUnknownFields) == true;
        var nullable = json.GetBoolean("nullable") == true;
        json.Remove("nullable");
        if (preserves || nullable)
        {
            json.Remove("items");
            json.Remove("properties");
        }
        if (nullable || (preserves && json.GetString("type") == "object") || (json.GetString("type") == "array" && !json.Has("items"))) json.Remove("type");
        var nullables = (json.GetObject("properties") ?? []).Where(p => (p.Value as JsonObject)?.GetBoolean("nullable") == true).Select(p => p.Key).ToHashSet();
        var required = json.GetStrings("required").Where(name => !nullables.Contains(name)).ToArray();
        json.Put("required", required.Length == 0 || json.GetObject("additionalProperties")?.GetBoolean("nullable") == true ? null : JsonDocuments.ArrayOf(required));
    }

    private static void AddMetadata(JsonObject json, int openApi, string metadata)
    {
        var properties = json.Ensure("properties");
        foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            properties[field] = new JsonObject { ["type"] = "string", ["description"] = FieldFacts.Describe("", field) };
        }
        var reference = new JsonObject { ["$ref"] = metadata };
        // In OpenAPI 3.0 nothing may stand beside a reference.
        var described = openApi == 3 ? new JsonObject { ["allOf"] = new JsonArray(reference), ["default"] = new JsonObject() } : reference;
        described["description"] = FieldFacts.Describe("", "metadata");
        properties["metadata"] = described;
    }
}
