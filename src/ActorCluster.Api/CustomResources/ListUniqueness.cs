using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.CustomResources;

/// <summary>Lists of type set have no element twice, those of type map no keys twice (apiextensions-apiserver/pkg/apiserver/schema/listtype).</summary>
internal static class ListUniqueness
{
    public static void Validate(JsonNode? value, JsonSchema schema, string path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    if (schema.Properties.TryGetValue(name, out var property)) Validate(child, property, path.Length == 0 ? name : $"{path}.{name}", errors);
                    else if (schema.AdditionalProperties is { } others) Validate(child, others, $"{path}[{name}]", errors);
                }
                break;
            case JsonArray list:
                Elements(list, schema, path, errors);
                for (var i = 0; schema.Items is not null && i < list.Count; i++) Validate(list[i], schema.Items, At(path, i), errors);
                break;
        }
    }

    private static void Elements(JsonArray list, JsonSchema schema, string path, FieldErrors errors)
    {
        if (schema.ListType is not ("set" or "map")) return;
        for (var i = 0; schema.ListType == "map" && i < list.Count; i++)
        {
            if (list[i] is null or JsonObject) continue;
            errors.Invalid(At(path, i), list[i], "must be an object for an array of list-type map");
            return;
        }
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var identity = schema.ListType == "set" ? list[i] : KeysOf(list[i] as JsonObject, schema);
            var text = identity is null ? "null" : identity.ToJsonString(JsonDocuments.CompactJson);
            seen[text] = seen.GetValueOrDefault(text) + 1;
            // Told once, however often it comes again.
            if (seen[text] == 2) errors.Duplicate(At(path, i), identity);
        }
    }

    private static JsonObject KeysOf(JsonObject? item, JsonSchema schema)
    {
        var keys = new JsonObject();
        foreach (var key in schema.ListKeys.Where(key => item?.ContainsKey(key) == true)) keys[key] = item![key]?.DeepClone();
        return keys;
    }

    private static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
