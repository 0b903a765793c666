using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>Whether an applied configuration fits its type; faults are worded as structured-merge-diff words them (typed/validate.go).</summary>
public static class StructuredValidation
{
    /// <summary>All faults, each with its path.</summary>
    public static IReadOnlyList<string> Faults(JsonObject applied, TypeSchema schema)
    {
        var faults = new List<string>();
        Visit(new MergeType(schema), applied, "", faults);
        return faults;
    }

    private static void Visit(MergeType type, JsonNode? value, string path, List<string> faults)
    {
        if (value is null) return;
        switch (type.Schema.Kind)
        {
            case SchemaKind.Object or SchemaKind.Map:
                if (value is JsonObject map) VisitMap(type, map, path, faults);
                else Add(faults, path, $"expected map, got {Print(value)}");
                break;
            case SchemaKind.Array:
                if (value is JsonArray list) VisitList(type, list, path, faults);
                else Add(faults, path, $"expected list, got {Print(value)}");
                break;
            case SchemaKind.Int32 or SchemaKind.Int64 or SchemaKind.Number:
                if (value.GetValueKind() != JsonValueKind.Number) Add(faults, path, $"expected numeric (int or float), got {GoType(value)}");
                break;
            case SchemaKind.Boolean:
                if (value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)) Add(faults, path, $"expected boolean, got {Print(value)}");
                break;
            case SchemaKind.String or SchemaKind.Bytes:
                if (value.GetValueKind() != JsonValueKind.String) Add(faults, path, $"expected string, got {Print(value)}");
                break;
            case SchemaKind.Quantity or SchemaKind.IntOrString or SchemaKind.Time:
                if (value is not JsonValue) Add(faults, path, $"expected any scalar, got {Print(value)}");
                break;
        }
    }

    private static void VisitMap(MergeType type, JsonObject map, string path, List<string> faults)
    {
        foreach (var (name, value) in map)
        {
            if (type.Schema is { Kind: SchemaKind.Object, PreservesUnknown: false } && !type.Declares(name)) Add(faults, $"{path}.{name}", "field not declared in schema");
            else Visit(type.Child(name), value, $"{path}.{name}", faults);
        }
    }

    private static void VisitList(MergeType type, JsonArray list, string path, List<string> faults)
    {
        var seen = new HashSet<PathElement>();
        for (var i = 0; i < list.Count; i++)
        {
            var (element, fault) = type.IsAtomic ? (PathElement.OfIndex(i), "") : type.Identify(list[i]);
            if (element is null)
            {
                Add(faults, path, $"element {i}: {fault}");
                return;
            }
            if (!seen.Add(element)) Add(faults, path, $"duplicate entries for key {element}");
            Visit(type.Element, list[i], path + element, faults);
        }
    }

    private static void Add(List<string> faults, string path, string fault) => faults.Add(path.Length == 0 ? fault : $"{path}: {fault}");

    private static string Print(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? Errors.FieldError.GoQuote(value.GetValue<string>()) : value.ToJsonString(Documents.JsonDocuments.CompactJson);

    private static string GoType(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "[]interface {}",
        _ => "map[string]interface {}",
    };
}
