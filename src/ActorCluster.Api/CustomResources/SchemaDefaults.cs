using System.Text.Json.Nodes;

namespace ActorCluster.Api.CustomResources;

/// <summary>Fills in what a schema has defaults for (apiextensions-apiserver/pkg/apiserver/schema/defaulting).</summary>
public static class SchemaDefaults
{
    /// <summary>Puts defaults where fields are absent, or null and may not be; takes nulls away that may not be and have no default.</summary>
    public static void Apply(JsonObject obj, JsonSchema schema) => Visit(obj, schema);

    private static void Visit(JsonNode? value, JsonSchema? schema)
    {
        switch (value)
        {
            case JsonObject map: VisitMap(map, schema); break;
            case JsonArray list: VisitList(list, schema?.Items); break;
        }
    }

    private static void VisitMap(JsonObject map, JsonSchema? schema)
    {
        if (schema is null) return;
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is { } standard && (!map.TryGetPropertyValue(name, out var value) || IsWronglyNull(value, property))) map[name] = standard.DeepClone();
        }
        foreach (var name in map.Select(p => p.Key).ToList())
        {
            var type = schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties;
            if (type is null) continue;
            if (!IsWronglyNull(map[name], type)) Visit(map[name], type);
            else if (type.Default is { } standard) map[name] = standard.DeepClone();
            else map.Remove(name);
        }
    }

    private static void VisitList(JsonArray list, JsonSchema? items)
    {
        if (items is null) return;
        for (var i = 0; i < list.Count; i++)
        {
            if (IsWronglyNull(list[i], items) && items.Default is { } standard) list[i] = standard.DeepClone();
            Visit(list[i], items);
        }
    }

    private static bool IsWronglyNull(JsonNode? value, JsonSchema schema) => value is null && !schema.IsNullable;
}
