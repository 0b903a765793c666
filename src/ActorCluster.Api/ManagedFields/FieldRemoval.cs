using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>Takes paths out of an object (typed/remove.go of structured-merge-diff).</summary>
public static class FieldRemoval
{
    /// <summary>The object without these paths and all below them; the argument is not changed.</summary>
    public static JsonObject Remove(JsonObject obj, FieldSet paths, TypeSchema schema)
    {
        if (paths.IsEmpty) return obj;
        return Map(new MergeType(schema), obj, paths);
    }

    /// <summary>A container out of which something is taken stays, if empty; an atomic one is taken as a whole.</summary>
    private static JsonNode? Visit(MergeType type, JsonNode? value, FieldSet paths) => value switch
    {
        JsonObject map => type.IsMap && !type.IsAtomic ? Map(type, map, paths) : new JsonObject(),
        JsonArray list => type.IsList && !type.IsAtomic ? List(type, list, paths) : new JsonArray(),
        _ => value?.DeepClone(),
    };

    private static JsonObject Map(MergeType type, JsonObject map, FieldSet paths)
    {
        var kept = new JsonObject();
        foreach (var (name, value) in map)
        {
            var said = paths.Find(PathElement.OfField(name));
            if (said is { IsMember: true }) continue;
            kept[name] = said?.Children is { } below ? Visit(type.Child(name), value, below) : value?.DeepClone();
        }
        return kept;
    }

    private static JsonArray List(MergeType type, JsonArray list, FieldSet paths)
    {
        var kept = new JsonArray();
        foreach (var item in list)
        {
            var said = type.Identify(item).Element is { } element ? paths.Find(element) : null;
            if (said is { IsMember: true }) continue;
            kept.Add(said?.Children is { } below ? Visit(type.Element, item, below) : item?.DeepClone());
        }
        return kept;
    }
}
