using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.Patches;

/// <summary>Strategic merge patch: lists merge by the keys that the types declare, directives replace, delete and order.</summary>
/// <remarks>Behaviour of apimachinery/pkg/util/strategicpatch: $patch, $retainKeys, $deleteFromPrimitiveList, $setElementOrder.</remarks>
public static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeleteFromList = "$deleteFromPrimitiveList/";
    private const string SetElementOrder = "$setElementOrder/";

    /// <summary>The target with the patch applied; neither argument is changed.</summary>
    /// <exception cref="PatchException">An unknown directive, or a list element without its merge key.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, TypeSchema schema) =>
        MergeObject((JsonObject)target.DeepClone(), (JsonObject)patch.DeepClone(), schema);

    private static JsonObject MergeObject(JsonObject target, JsonObject patch, TypeSchema? schema)
    {
        if (patch[Directive] is { } directive)
        {
            patch.Remove(Directive);
            switch (JsonDocuments.AsString(directive))
            {
                case "replace":
                    return (JsonObject)WithoutNulls(patch);
                case "delete":
                    return [];
                case "merge":
                    break;
                default:
                    throw new PatchException($"unknown patch type found: {JsonDocuments.Print(directive)}");
            }
        }
        if (patch[RetainKeys] is JsonArray retained)
        {
            patch.Remove(RetainKeys);
            var keep = retained.Select(JsonDocuments.AsString).ToHashSet();
            foreach (var name in target.Select(p => p.Key).Where(k => !keep.Contains(k)).ToList()) target.Remove(name);
        }

        foreach (var name in patch.Select(p => p.Key).ToList())
        {
            if (name.StartsWith(DeleteFromList, StringComparison.Ordinal)) DeletePrimitives(target, name[DeleteFromList.Length..], patch[name]);
            else if (!name.StartsWith(SetElementOrder, StringComparison.Ordinal)) MergeField(target, patch, name, schema);
        }
        // An order may come for a list that the patch doesn't change otherwise.
        foreach (var (name, order) in patch.Where(p => p.Key.StartsWith(SetElementOrder, StringComparison.Ordinal)).ToList())
        {
            var field = name[SetElementOrder.Length..];
            if (target[field] is JsonArray list && order is JsonArray wanted && !patch.ContainsKey(field)) Order(list, wanted, FieldOf(schema, field)?.PatchMergeKey ?? "", Keys(list, FieldOf(schema, field)?.PatchMergeKey ?? ""));
        }
        return target;
    }

    private static void MergeField(JsonObject target, JsonObject patch, string name, TypeSchema? schema)
    {
        var value = patch[name];
        var field = FieldOf(schema, name);
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject changes:
                var replace = field?.PatchStrategy == "replace";
                var existing = target[name] as JsonObject;
                target[name] = replace ? WithoutNulls(changes) : MergeObject(Detached(existing), (JsonObject)changes.DeepClone(), field?.Type);
                break;
            case JsonArray items when field is { MergesList: true }:
                var list = target[name] as JsonArray ?? [];
                var order = patch[SetElementOrder + name] as JsonArray;
                target[name] = MergeList((JsonArray)list.DeepClone(), items, order, field);
                break;
            default:
                target[name] = value is JsonArray ? WithoutNulls(value) : value.DeepClone();
                break;
        }
    }

    private static JsonArray MergeList(JsonArray target, JsonArray patch, JsonArray? order, FieldSchema field)
    {
        if (field.PatchMergeKey.Length == 0) return MergePrimitives(target, patch, order);
        var key = field.PatchMergeKey;
        var original = Keys(target, key);
        if (patch.OfType<JsonObject>().Any(i => i.GetString(Directive) == "replace"))
        {
            return [.. patch.OfType<JsonObject>().Where(i => !i.ContainsKey(Directive)).Select(i => WithoutNulls(i))];
        }
        foreach (var node in patch)
        {
            if (node is not JsonObject item) throw new PatchException($"expected an object as an element of {field.Name}");
            if (item[key] is not { } id) throw new PatchException($"map: {item.ToJsonString()} does not contain declared merge key: {key}");
            var at = IndexOf(target, key, id);
            if (item.GetString(Directive) == "delete")
            {
                for (; at >= 0; at = IndexOf(target, key, id)) target.RemoveAt(at);
            }
            else if (at < 0) target.Add((JsonNode)MergeObject([], (JsonObject)item.DeepClone(), field.Type.Element));
            else target[at] = MergeObject((JsonObject)target[at]!.DeepClone(), (JsonObject)item.DeepClone(), field.Type.Element);
        }
        Order(target, order ?? patch, key, original);
        return target;
    }

    private static JsonArray MergePrimitives(JsonArray target, JsonArray patch, JsonArray? order)
    {
        var original = Keys(target, "");
        foreach (var item in patch)
        {
            if (!target.Any(t => t.SameAs(item))) target.Add(item?.DeepClone());
        }
        Order(target, order ?? patch, "", original);
        return target;
    }

    private static void DeletePrimitives(JsonObject target, string name, JsonNode? values)
    {
        if (target[name] is not JsonArray list || values is not JsonArray gone) return;
        target[name] = new JsonArray([.. list.Where(i => !gone.Any(g => g.SameAs(i))).Select(i => i?.DeepClone())]);
    }

    /// <summary>Elements that the order names stand in its order; the others keep their place relative to where all stood before, and come after
    /// what is new (normalizeElementOrder). A patch that brings no order is its own.</summary>
    private static void Order(JsonArray list, JsonArray order, string key, List<JsonNode?> original)
    {
        var wanted = order.Select(o => key.Length == 0 ? o : (o as JsonObject)?[key]).ToList();
        var named = list.Where(i => Position(wanted, Id(i, key)) >= 0).OrderBy(i => Position(wanted, Id(i, key))).ToList();
        var others = list.Where(i => Position(wanted, Id(i, key)) < 0).ToList();
        var merged = new List<JsonNode?>(list.Count);
        int n = 0, o = 0;
        while (n < named.Count && o < others.Count)
        {
            var before = Position(original, Id(others[o], key));
            var after = Position(original, Id(named[n], key));
            merged.Add(before >= 0 && after >= 0 && before < after ? others[o++] : named[n++]);
        }
        merged.AddRange(named[n..]);
        merged.AddRange(others[o..]);
        list.Clear();
        foreach (var item in merged) list.Add(item);
    }

    private static int Position(List<JsonNode?> ids, JsonNode? id) => ids.FindIndex(i => i.SameAs(id));

    private static JsonNode? Id(JsonNode? item, string key) => key.Length == 0 ? item : (item as JsonObject)?[key];

    private static List<JsonNode?> Keys(JsonArray list, string key) => [.. list.Select(i => Id(i, key)?.DeepClone())];

    private static int IndexOf(JsonArray list, string key, JsonNode id)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject item && item[key].SameAs(id)) return i;
        }
        return -1;
    }

    private static FieldSchema? FieldOf(TypeSchema? schema, string name) => schema?.Kind switch
    {
        SchemaKind.Object => schema.Field(name),
        SchemaKind.Map => new FieldSchema(name, schema.Element!, "", ""),
        _ => null,
    };

    private static JsonObject Detached(JsonObject? existing) => existing is null ? [] : (JsonObject)existing.DeepClone();

    private static JsonNode WithoutNulls(JsonNode value)
    {
        switch (value)
        {
            case JsonObject map:
                return new JsonObject(map.Where(p => p.Value is not null && p.Key != Directive).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)WithoutNulls(p.Value!))));
            case JsonArray list:
                return new JsonArray([.. list.Select(i => i is null ? null : WithoutNulls(i))]);
            default:
                return value.DeepClone();
        }
    }
}
