using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>The paths of all that an object says (typed/tofieldset.go of structured-merge-diff).</summary>
public static class FieldSetExtractor
{
    public static FieldSet Extract(JsonObject obj, TypeSchema schema) => Visit(new MergeType(schema), obj).Children ?? FieldSet.Empty;

    /// <returns>Whether the value itself is a path's end, and the paths into it.</returns>
    private static (bool IsLeaf, FieldSet? Children) Visit(MergeType type, JsonNode? value) => value switch
    {
        JsonObject map when type is { IsMap: true, IsAtomic: false } => (false, VisitMap(type, map)),
        JsonArray list when type is { IsList: true, IsAtomic: false } => (false, VisitList(type, list)),
        null when !type.IsAtomic => (false, null),
        _ => (true, null),
    };

    private static FieldSet VisitMap(MergeType type, JsonObject map)
    {
        var entries = new List<FieldSet.Entry>(map.Count);
        foreach (var (name, value) in map)
        {
            var (isLeaf, children) = Visit(type.Child(name), value);
            var isMember = isLeaf || value is null or JsonObject { Count: 0 } || !type.Declares(name);
            entries.Add(new FieldSet.Entry(PathElement.OfField(name), isMember, children));
        }
        return FieldSet.Of(entries);
    }

    private static FieldSet VisitList(MergeType type, JsonArray list)
    {
        var entries = new List<FieldSet.Entry>(list.Count);
        foreach (var same in list.Select(item => (Item: item, type.Identify(item).Element)).Where(i => i.Element is not null).GroupBy(i => i.Element!))
        {
            // Elements that can't be told apart are owned together, with nothing in them.
            var children = same.Count() == 1 ? Visit(type.Element, same.First().Item).Children : null;
            entries.Add(new FieldSet.Entry(same.Key, true, children));
        }
        return FieldSet.Of(entries);
    }
}
