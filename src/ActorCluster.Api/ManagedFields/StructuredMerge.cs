using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>Lays an applied configuration over an object: what it says wins, what it doesn't say stays (typed/merge.go of structured-merge-diff).</summary>
public static class StructuredMerge
{
    /// <summary>The merged object; neither argument is changed.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject applied, TypeSchema schema) => MergeMaps(new MergeType(schema), live, applied) ?? [];

    private static JsonNode? Merge(MergeType type, JsonNode? live, JsonNode? applied)
    {
        if (type.IsAtomic) return applied?.DeepClone();
        if (type.IsMap && live is null or JsonObject && applied is null or JsonObject)
        {
            return IsNothing(live) && IsNothing(applied) ? applied?.DeepClone() : MergeMaps(type, live as JsonObject, applied as JsonObject);
        }
        if (type.IsList && live is null or JsonArray && applied is null or JsonArray)
        {
            return IsNothing(live) && IsNothing(applied) ? applied?.DeepClone() : MergeLists(type, live as JsonArray, applied as JsonArray);
        }
        return applied?.DeepClone();
    }

    private static bool IsNothing(JsonNode? value) => value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

    private static JsonObject? MergeMaps(MergeType type, JsonObject? live, JsonObject? applied)
    {
        if (live is null) return applied is null ? null : (JsonObject)applied.DeepClone();
        var merged = new JsonObject();
        foreach (var (name, value) in live)
        {
            merged[name] = applied is not null && applied.TryGetPropertyValue(name, out var said) ? Merge(type.Child(name), value, said) : value?.DeepClone();
        }
        foreach (var (name, value) in applied ?? [])
        {
            if (!live.ContainsKey(name)) merged[name] = value?.DeepClone();
        }
        return merged;
    }

    /// <summary>
    /// Elements that both have stand in the applied order, and those that only one has keep their neighbours as far as that goes.
    /// </summary>
    private static JsonArray MergeLists(MergeType type, JsonArray? live, JsonArray? applied)
    {
        var mine = Identify(type, live);
        var theirs = Identify(type, applied);
        var inLive = Index(mine);
        var inApplied = Index(theirs);
        var shared = new Queue<PathElement>(theirs.Select(t => t.Element).Where(inLive.ContainsKey));
        var merged = new JsonArray();
        var taken = new HashSet<PathElement>();
        var (i, j) = (0, 0);
        while (i < mine.Count || j < theirs.Count)
        {
            if (i < mine.Count)
            {
                var (element, item) = mine[i];
                if (!inApplied.ContainsKey(element))
                {
                    merged.Add(item?.DeepClone());
                    i++;
                    continue;
                }
                var isNext = j < theirs.Count && element.Equals(theirs[j].Element);
                if (j < theirs.Count && !isNext && shared.Count > 0 && !shared.Peek().Equals(element))
                {
                    // Its turn comes when the applied list is there.
                    i++;
                    continue;
                }
                if (isNext || taken.Contains(element)) i++;
            }
            if (j == theirs.Count) continue;
            var next = theirs[j++];
            taken.Add(next.Element);
            merged.Add(inLive.TryGetValue(next.Element, out var counterpart) ? Merge(type.Element, counterpart, next.Item) : next.Item?.DeepClone());
            if (shared.Count > 0 && shared.Peek().Equals(next.Element)) shared.Dequeue();
        }
        return merged;
    }

    private static List<(PathElement Element, JsonNode? Item)> Identify(MergeType type, JsonArray? list) =>
        [.. (list ?? []).Select(item => (type.Identify(item).Element, Item: item)).Where(i => i.Element is not null).Select(i => (i.Element!, i.Item))];

    /// <summary>Elements by what they are known by; null where several are known by the same.</summary>
    private static Dictionary<PathElement, JsonNode?> Index(List<(PathElement Element, JsonNode? Item)> items)
    {
        var index = new Dictionary<PathElement, JsonNode?>();
        foreach (var (element, item) in items) index[element] = index.ContainsKey(element) ? null : item;
        return index;
    }
}
