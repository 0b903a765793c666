using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.CustomResources;

/// <summary>An OpenAPI v3 schema as a custom resource definition has it (JSONSchemaProps), read once and used for every object.</summary>
public sealed class JsonSchema
{
    public const string PreserveUnknownFields = "x-kubernetes-preserve-unknown-fields";
    public const string EmbeddedResource = "x-kubernetes-embedded-resource";
    public const string IntOrStringField = "x-kubernetes-int-or-string";

    private JsonSchema(JsonObject json)
    {
        Json = json;
        Type = json.GetString("type") ?? "";
        Format = json.GetString("format") ?? "";
        IsIntOrString = json.GetBoolean(IntOrStringField) == true;
        PreservesUnknown = json.GetBoolean(PreserveUnknownFields) == true;
        IsEmbedded = json.GetBoolean(EmbeddedResource) == true;
        IsNullable = json.GetBoolean("nullable") == true;
        ListType = json.GetString("x-kubernetes-list-type") ?? "";
        ListKeys = [.. json.GetStrings("x-kubernetes-list-map-keys")];
        IsAtomicMap = json.GetString("x-kubernetes-map-type") == "atomic";
        Properties = (json.GetObject("properties") ?? []).Where(p => p.Value is JsonObject).ToImmutableSortedDictionary(p => p.Key, p => Parse((JsonObject)p.Value!), StringComparer.Ordinal);
        AdditionalProperties = json.GetObject("additionalProperties") is { } others ? Parse(others) : null;
        AllowsAdditional = json["additionalProperties"] is JsonObject || json.GetBoolean("additionalProperties") == true;
        Items = json.GetObject("items") is { } items ? Parse(items) : null;
        Required = [.. json.GetStrings("required")];
        Enum = json.GetArray("enum");
        Default = json["default"];
        Pattern = json.GetString("pattern") is { Length: > 0 } pattern ? pattern : null;
        PatternRegex = Pattern is null ? null : GoRegex.TryParse(Pattern, out _);
        AllOf = List(json, "allOf");
        AnyOf = List(json, "anyOf");
        OneOf = List(json, "oneOf");
        Not = json.GetObject("not") is { } not ? Parse(not) : null;
    }

    /// <summary>As it was given.</summary>
    public JsonObject Json { get; }
    public string Type { get; }
    public string Format { get; }
    public bool IsIntOrString { get; }
    public bool PreservesUnknown { get; }
    public bool IsEmbedded { get; }
    public bool IsNullable { get; }

    /// <summary>"", atomic, set or map.</summary>
    public string ListType { get; }
    public ImmutableArray<string> ListKeys { get; }
    public bool IsAtomicMap { get; }
    public ImmutableSortedDictionary<string, JsonSchema> Properties { get; }
    public JsonSchema? AdditionalProperties { get; }

    /// <summary>Whether fields of any name may be there, with or without a schema.</summary>
    public bool AllowsAdditional { get; }
    public JsonSchema? Items { get; }
    public ImmutableArray<string> Required { get; }
    public JsonArray? Enum { get; }
    public JsonNode? Default { get; }
    public string? Pattern { get; }

    /// <summary>Null for a pattern that can't be read, too.</summary>
    public Regex? PatternRegex { get; }
    public ImmutableArray<JsonSchema> AllOf { get; }
    public ImmutableArray<JsonSchema> AnyOf { get; }
    public ImmutableArray<JsonSchema> OneOf { get; }
    public JsonSchema? Not { get; }

    /// <summary>A bound such as minimum or maxLength; null: none.</summary>
    public double? Bound(string name) => Numbers.AsDouble(Json[name]);

    public bool Flag(string name) => Json.GetBoolean(name) == true;

    public static JsonSchema Parse(JsonObject json) => new(json);

    /// <summary>The schema and all that are in it, those of allOf and its like included.</summary>
    public IEnumerable<JsonSchema> All()
    {
        yield return this;
        foreach (var schema in Properties.Values.Concat(AllOf).Concat(AnyOf).Concat(OneOf).Concat(Some(AdditionalProperties)).Concat(Some(Items)).Concat(Some(Not)).SelectMany(s => s.All())) yield return schema;
    }

    private static IEnumerable<JsonSchema> Some(JsonSchema? schema) => schema is null ? [] : [schema];

    private static ImmutableArray<JsonSchema> List(JsonObject json, string name) => [.. json.GetObjects(name).Select(Parse)];
}
