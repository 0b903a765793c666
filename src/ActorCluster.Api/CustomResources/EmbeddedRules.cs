using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.CustomResources;

/// <summary>Objects within objects say what they are (apiextensions-apiserver/pkg/apiserver/schema/objectmeta/validation.go).</summary>
internal static class EmbeddedRules
{
    public static void Validate(JsonNode? value, JsonSchema schema, string path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonObject map:
                if (schema.IsEmbedded)
                {
                    foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind"])
                    {
                        if (string.IsNullOrEmpty(map.GetString(field))) errors.Required($"{path}.{field}", "must not be empty");
                    }
                }
                foreach (var (name, child) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    if (schema.Properties.TryGetValue(name, out var property)) Validate(child, property, path.Length == 0 ? name : $"{path}.{name}", errors);
                    else if (schema.AdditionalProperties is { } others) Validate(child, others, $"{path}[{name}]", errors);
                }
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++) Validate(list[i], items, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), errors);
                break;
        }
    }
}
