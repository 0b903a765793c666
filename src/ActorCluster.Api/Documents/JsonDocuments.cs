using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorCluster.Api.Documents;

/// <summary>Reads and writes objects as documents: what is absent, null or of another type reads as null, never as an exception.</summary>
public static class JsonDocuments
{
    public static JsonObject? GetObject(this JsonObject document, string name) => document[name] as JsonObject;

    public static JsonArray? GetArray(this JsonObject document, string name) => document[name] as JsonArray;

    public static string? GetString(this JsonObject document, string name) => AsString(document[name]);

    public static long? GetInteger(this JsonObject document, string name) => AsInteger(document[name]);

    public static bool? GetBoolean(this JsonObject document, string name) =>
        document[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    /// <summary>The objects in a list field; nothing when the field is absent.</summary>
    public static IEnumerable<JsonObject> GetObjects(this JsonObject? document, string name) =>
        document?[name] is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>The strings in a list field; nothing when the field is absent.</summary>
    public static IEnumerable<string> GetStrings(this JsonObject? document, string name) =>
        document?[name] is JsonArray array ? array.Select(AsString).OfType<string>() : [];

    /// <summary>Whether the field is there and not null.</summary>
    public static bool Has(this JsonObject document, string name) => document[name] is not null;

    /// <summary>Walks down objects by field name.</summary>
    public static JsonNode? At(this JsonObject? document, params ReadOnlySpan<string> path)
    {
        JsonNode? node = document;
        foreach (var step in path)
        {
            if (node is not JsonObject parent) return null;
            node = parent[step];
        }
        return node;
    }

    /// <summary>Walks down objects by field name to a string.</summary>
    public static string? TextAt(this JsonObject? document, params ReadOnlySpan<string> path) => AsString(document.At(path));

    /// <summary>Walks down objects by field name to an integer.</summary>
    public static long? IntegerAt(this JsonObject? document, params ReadOnlySpan<string> path) => AsInteger(document.At(path));

    /// <summary>The object in the field, made if it isn't there.</summary>
    public static JsonObject Ensure(this JsonObject document, string name)
    {
        if (document[name] is JsonObject existing) return existing;
        var made = new JsonObject();
        document[name] = made;
        return made;
    }

    /// <summary>Sets a field that is absent, null, or an empty string (Go's zero values, which upstream's defaulting tests for).</summary>
    public static void Default(this JsonObject document, string name, JsonNode value)
    {
        var node = document[name];
        if (node is null || (AsString(node) is { Length: 0 })) document[name] = value;
    }

    /// <summary>Sets a field, or removes it for null.</summary>
    public static void Put(this JsonObject document, string name, JsonNode? value)
    {
        if (value is null) document.Remove(name);
        else document[name] = value.Parent is null ? value : value.DeepClone();
    }

    public static string? AsString(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static long? AsInteger(JsonNode? node)
    {
        if (node is not JsonValue value) return null;
        if (value.TryGetValue(out long number)) return number;
        if (value.TryGetValue(out int small)) return small;
        return value.TryGetValue(out double real) && Math.Floor(real) == real && Math.Abs(real) < 9e15 ? (long)real : null;
    }

    /// <summary>A scalar as Go's %v prints it.</summary>
    public static string Print(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonValue when AsString(node) is { } text => text,
        JsonValue when AsInteger(node) is { } number => number.ToString(CultureInfo.InvariantCulture),
        _ => node.ToJsonString(CompactJson),
    };

    /// <summary>JSON as the API writes it: no needless escapes.</summary>
    public static readonly JsonSerializerOptions CompactJson = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A map of strings; null when the field is absent or no object.</summary>
    public static SortedDictionary<string, string>? GetStringMap(this JsonObject? document, string name)
    {
        if (document?[name] is not JsonObject map) return null;
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in map)
        {
            if (AsString(value) is { } text) result[key] = text;
        }
        return result;
    }

    public static bool SameAs(this JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);

    /// <summary>A list of strings as a JSON array.</summary>
    public static JsonArray ArrayOf(params ReadOnlySpan<string> items)
    {
        var array = new JsonArray();
        foreach (var item in items) array.Add((JsonNode)item);
        return array;
    }
}
