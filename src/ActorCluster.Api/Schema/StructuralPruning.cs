using System.Text.Json.Nodes;

namespace ActorCluster.Api.Schema;

/// <summary>Takes out of a custom resource what its type doesn't have (apiextensions-apiserver/pkg/apiserver/schema/pruning).</summary>
public static class StructuralPruning
{
    /// <returns>Whether something was taken out.</returns>
    public static bool Prune(JsonObject obj, TypeSchema schema) => Visit(obj, schema);

    /// <summary>The type of a field; null where there can't be one of that name.</summary>
    internal static TypeSchema? TypeOf(TypeSchema schema, string name) => schema.Kind switch
    {
        SchemaKind.Map => schema.Element,
        SchemaKind.Object => schema.Field(name)?.Type ?? (schema.PreservesUnknown ? TypeSchema.Deduced : null),
        // An object where the schema has something else is for validation to refuse.
        _ => TypeSchema.Deduced,
    };

    private static bool Visit(JsonNode? value, TypeSchema schema)
    {
        var pruned = false;
        // Metadata has a type of its own that was checked when it was written.
        if (!schema.IsStructural) return false;
        switch (value)
        {
            case JsonObject map:
                List<string>? unknown = null;
                foreach (var (name, child) in map)
                {
                    if (TypeOf(schema, name) is { } type) pruned |= Visit(child, type);
                    else (unknown ??= []).Add(name);
                }
                foreach (var name in unknown ?? []) map.Remove(name);
                return pruned || unknown is not null;
            case JsonArray list when schema is { Kind: SchemaKind.Array, Element: { } element }:
                foreach (var item in list) pruned |= Visit(item, element);
                return pruned;
            default:
                return false;
        }
    }
}
