using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Schema;

namespace ActorCluster.ApiServer.Tests.Fuzz;

/// <summary>Spoils requests: bytes, JSON trees, paths, parameters, forms. The same seed spoils alike.</summary>
internal sealed class RequestMutator(Random random)
{
    private static readonly string[] Types =
    [
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml",
        "text/plain", "application/json;charset=latin-9",
    ];

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    private static readonly string[] Scraps =
    [
        "null", "true", "[]", "{}", "\"\"", "-1", "0", "1e400", "9223372036854775808", "-9223372036854775809", "1.5", "\"\\ud800\"", "\"\u0000\"", "\"100m\"", "\"1e99Ei\"", "\"%\"", "\"9999999999999%\"", "{\"a\":{\"a\":{}}}", "[[[]]]",
        "\"metadata\"", "\"../..\"", "{\"$patch\":\"replace\"}", "{\"$retainKeys\":1}", "[{\"name\":null}]", "[null]", "\"2026-99-99T00:00:00Z\"", "\"::ffff:1.2.3.4\"", "\"0/0\"", "\"a/b/c\"",
    ];

    private static readonly string[] Parameters =
    [
        "limit=-1", "limit=x", "limit=99999999999999999999", "continue=%00", "continue=e30", "resourceVersion=-1", "resourceVersion=99999999999999999999", "resourceVersionMatch=Exact&resourceVersion=1", "labelSelector=a+in+(", "labelSelector=%00",
        "fieldSelector=metadata.name%3D", "dryRun=All", "dryRun=x", "fieldManager=%0A", "fieldValidation=Strict", "fieldValidation=Ignore", "force=true", "gracePeriodSeconds=-9223372036854775808", "propagationPolicy=x", "timeoutSeconds=0",
        "watch=true&timeoutSeconds=0", "pretty=1", "as=Table", "sendInitialEvents=true&watch=true&timeoutSeconds=0&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", "a=b&a=c&&=&%",
    ];

    public FuzzedRequest Mutate(FuzzedRequest request)
    {
        for (var times = 1 + random.Next(3); times > 0; times--)
        {
            request = random.Next(10) switch
            {
                0 => request with { Body = Bytes(request.Body) },
                1 => request with { ContentType = Pick(Types) },
                2 => request with { Method = Pick(Methods) },
                3 => request with { Path = Path(request.Path) },
                4 => request with { Path = request.Path + (request.Path.Contains('?', StringComparison.Ordinal) ? '&' : '?') + Pick(Parameters) },
                _ => request with { Body = Tree(request.Body) },
            };
        }
        return request;
    }

    private byte[] Bytes(byte[] body)
    {
        var bytes = body.ToList();
        for (var times = 1 + random.Next(4); times > 0; times--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pick(Scraps))); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(20), bytes.Count - at)); break;
                case 3 when bytes.Count < 100_000: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(50), bytes.Count - at))); break;
                default: bytes.InsertRange(at, [0xff, 0xc0, 0x80]); break;
            }
        }
        return [.. bytes];
    }

    private byte[] Tree(byte[] body)
    {
        JsonNode? tree;
        try
        {
            // JSON is YAML, so that what was one may become the other.
            tree = DocumentDecoder.DecodeAny(body is [(byte)'{' or (byte)'[', ..] ? body : YamlDocuments.ToJson(Encoding.UTF8.GetString(body)).Span);
        }
        catch (Exception unreadable) when (unreadable is DecodeException or FormatException)
        {
            return Bytes(body);
        }
        var places = new List<(JsonNode Parent, string Name, int Index)>();
        Collect(tree, places);
        if (places.Count == 0) return Encoding.UTF8.GetBytes(Pick(Scraps));
        var (parent, name, index) = places[random.Next(places.Count)];
        switch (random.Next(6), parent)
        {
            case (0, JsonObject map): map.Remove(name); break;
            case (0, JsonArray list): list.RemoveAt(index); break;
            case (1, JsonArray list) when list.Count < 1000: list.Add(list[index]?.DeepClone()); break;
            case (1, JsonObject map): map[name + random.Next(3).ToString(CultureInfo.InvariantCulture)] = map[name]?.DeepClone(); break;
            case (2, _): Set(parent, name, index, Deep(1 + random.Next(200))); break;
            case (3, _): Set(parent, name, index, JsonValue.Create(new string((char)random.Next(1, 0x3000), random.Next(300)))); break;
            case (4, JsonObject map):
                // A key that comes twice.
                return Encoding.UTF8.GetBytes(tree!.ToJsonString().Replace($"\"{name}\":", $"\"{name}\":{Pick(Scraps)},\"{name}\":", StringComparison.Ordinal));
            default: Set(parent, name, index, Scrap()); break;
        }
        return JsonSerializer.SerializeToUtf8Bytes(tree, Deeply);
    }

    private static readonly JsonSerializerOptions Deeply = new() { MaxDepth = 1000 };

    private static void Collect(JsonNode? node, List<(JsonNode, string, int)> places)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map)
                {
                    places.Add((map, name, 0));
                    Collect(value, places);
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    places.Add((list, "", i));
                    Collect(list[i], places);
                }
                break;
        }
    }

    private static void Set(JsonNode parent, string name, int index, JsonNode? value)
    {
        if (parent is JsonObject map) map[name] = value;
        else ((JsonArray)parent)[index] = value;
    }

    private JsonNode? Scrap()
    {
        try
        {
            return DocumentDecoder.DecodeAny(Encoding.UTF8.GetBytes(Pick(Scraps)));
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private static JsonNode Deep(int depth)
    {
        JsonNode node = new JsonObject();
        for (var i = 0; i < depth; i++) node = i % 2 == 0 ? new JsonArray(node) : new JsonObject { ["a"] = node };
        return node;
    }

    private string Path(string path)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var parts = (query < 0 ? path : path[..query]).Split('/').ToList();
        // Spoilt before until nothing was left.
        if (parts.Count == 1) parts.Add("");
        var at = 1 + random.Next(parts.Count - 1);
        switch (random.Next(4))
        {
            case 0: parts.RemoveAt(at); break;
            case 1: parts.Insert(at, Pick(["", "..", "%2e%2e", "%00", "status", "scale", "v1", "default", "a%2Fb", "%ff", "ephemeralcontainers", "approval", new string('x', 300)])); break;
            case 2: parts[at] = Pick(["pods", "nodes", "web", "events", "namespaces", "default", "tokenreviews", "componentstatuses", "configmaps", "leases"]); break;
            default: parts.Add(Pick(["status", "scale", "log", "token", "finalize", "binding", "x"])); break;
        }
        return (parts[0].Length == 0 ? "" : "/") + string.Join('/', parts) + (query < 0 ? "" : path[query..]);
    }

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
