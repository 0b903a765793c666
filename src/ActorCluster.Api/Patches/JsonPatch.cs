using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Patches;

/// <summary>JSON patch (RFC 6902) over JSON pointers (RFC 6901).</summary>
public static class JsonPatch
{
    /// <summary>More operations than this are refused, as upstream refuses them.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>Nothing may be nested deeper than this on the way: each copy of the whole into itself makes it deeper.</summary>
    private const int MaxDepth = 60;

    /// <summary>What copies may add up to, in bytes of JSON: copies of copies grow without end (apiserver/pkg/server/config.go, JSONPatchMaxCopyBytes).</summary>
    public const long MaxCopiedBytes = 3 * 1024 * 1024;

    /// <summary>The target with all operations applied in order, or none of them; the argument is not changed.</summary>
    /// <exception cref="PatchException">The patch is malformed, a path doesn't exist, or a test fails.</exception>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonArray operations) throw new PatchException("json: cannot unmarshal object into Go value of type jsonpatch.Patch", unreadable: true);
        if (operations.Count > MaxOperations)
        {
            throw new PatchException($"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}", unreadable: true);
        }
        var document = new JsonObject { ["root"] = target?.DeepClone() };
        var copied = 0L;
        foreach (var node in operations)
        {
            if (node is not JsonObject operation) throw new PatchException("json: cannot unmarshal value into Go value of type jsonpatch.Operation", unreadable: true);
            Apply(document, operation, ref copied);
        }
        return document["root"]?.DeepClone();
    }

    private static void Apply(JsonObject document, JsonObject operation, ref long copied)
    {
        var name = operation.GetString("op") ?? "";
        var path = operation.GetString("path") ?? throw new PatchException("missing path", unreadable: true);
        switch (name)
        {
            case "add":
                Add(document, path, Value(operation));
                break;
            case "remove":
                Remove(document, path, "remove");
                break;
            case "replace":
                Remove(document, path, "replace");
                Add(document, path, Value(operation));
                break;
            case "move":
                var from = operation.GetString("from") ?? throw new PatchException("missing from", unreadable: true);
                if (path.StartsWith(from + "/", StringComparison.Ordinal)) throw new PatchException($"move operation moves '{from}' into itself");
                Add(document, path, Remove(document, from, "move"));
                break;
            case "copy":
                var source = Find(document, operation.GetString("from") ?? throw new PatchException("missing from", unreadable: true), "copy");
                copied += source?.ToJsonString(JsonDocuments.CompactJson).Length ?? 0;
                if (copied > MaxCopiedBytes) throw new PatchException($"Unable to copy, the accumulated size increase of copy is {copied}, exceeding the limit {MaxCopiedBytes}");
                Add(document, path, source?.DeepClone());
                break;
            case "test":
                var value = Value(operation);
                if (!TryFind(document, path, out var actual)) actual = null;
                if (!actual.SameAs(value)) throw new PatchException($"testing value {path} failed: test failed");
                break;
            default:
                throw new PatchException($"Unexpected kind: {name}");
        }
    }

    private static int Depth(JsonNode? node) => node switch
    {
        JsonObject map => 1 + map.Select(p => Depth(p.Value)).DefaultIfEmpty().Max(),
        JsonArray list => 1 + list.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private static JsonNode? Value(JsonObject operation) =>
        operation.ContainsKey("value") ? operation["value"]?.DeepClone() : throw new PatchException("missing value", unreadable: true);

    private static void Add(JsonObject document, string path, JsonNode? value)
    {
        var steps = Steps(path);
        if (steps.Length + Depth(value) > MaxDepth) throw new PatchException("exceeded max depth");
        switch (Parent(document, steps, "add", path))
        {
            case JsonObject parent:
                parent[steps[^1]] = value;
                break;
            case JsonArray parent:
                var index = steps[^1] == "-" ? parent.Count : Index(steps[^1], path);
                if (index > parent.Count) throw new PatchException($"add operation does not apply: doc is missing path: {path}: Unable to access invalid index: {index}: invalid index referenced");
                parent.Insert(index, value);
                break;
            default:
                throw Missing("add", path);
        }
    }

    private static JsonNode? Remove(JsonObject document, string path, string operation)
    {
        var steps = Steps(path);
        switch (Parent(document, steps, operation, path))
        {
            case JsonObject parent when parent.ContainsKey(steps[^1]):
                var value = parent[steps[^1]];
                parent.Remove(steps[^1]);
                return value;
            case JsonArray parent when Index(steps[^1], path) is var index && index < parent.Count:
                var item = parent[index];
                parent.RemoveAt(index);
                return item;
            default:
                throw Missing(operation, path);
        }
    }

    private static JsonNode? Find(JsonObject document, string path, string operation) =>
        TryFind(document, path, out var value) ? value : throw Missing(operation, path);

    private static bool TryFind(JsonObject document, string path, out JsonNode? value)
    {
        var steps = Steps(path);
        value = document;
        foreach (var step in steps)
        {
            switch (value)
            {
                case JsonObject parent when parent.ContainsKey(step):
                    value = parent[step];
                    break;
                case JsonArray parent when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < parent.Count:
                    value = parent[index];
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    private static JsonNode? Parent(JsonObject document, string[] steps, string operation, string path)
    {
        JsonNode? node = document;
        foreach (var step in steps[..^1])
        {
            node = node switch
            {
                JsonObject parent => parent[step],
                JsonArray parent when Index(step, path) is var index && index < parent.Count => parent[index],
                _ => throw Missing(operation, path),
            };
        }
        return node;
    }

    // The whole document is the field "root" of a wrapper, so that it has a parent like everything else.
    private static string[] Steps(string path)
    {
        if (path.Length == 0) return ["root"];
        if (path[0] != '/') throw new PatchException($"invalid JSON pointer: {path}");
        return ["root", .. path[1..].Split('/').Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static int Index(string step, string path) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (step == "0" || step[0] != '0')
            ? index
            : throw new PatchException($"invalid array index in {path}: {step}");

    private static PatchException Missing(string operation, string path) => new($"{operation} operation does not apply: doc is missing path: {path}: missing value");
}
