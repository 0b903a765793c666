using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>The order in which the kinds of elements stand in a field set.</summary>
public enum PathElementKind
{
    /// <summary>f: a field of an object or a key of a map.</summary>
    Field,

    /// <summary>k: an element of a list, by its keys.</summary>
    Key,

    /// <summary>v: a member of a set.</summary>
    Value,

    /// <summary>i: a position.</summary>
    Index,
}

/// <summary>One step from a value to a value in it, as FieldsV1 names it.</summary>
/// <remarks>Form and order: fieldpath/serialize-pe.go and fieldpath/element.go of structured-merge-diff.</remarks>
public sealed class PathElement : IEquatable<PathElement>
{
    private PathElement(PathElementKind kind, string name, ImmutableArray<(string Name, FieldScalar Value)> keys, FieldScalar value)
    {
        Kind = kind;
        Name = name;
        Keys = keys;
        Value = value;
    }

    public PathElementKind Kind { get; }

    /// <summary>The name of a <see cref="PathElementKind.Field"/>.</summary>
    public string Name { get; }

    /// <summary>The keys of a <see cref="PathElementKind.Key"/>, by name.</summary>
    public ImmutableArray<(string Name, FieldScalar Value)> Keys { get; }

    /// <summary>The member of a set, or a position.</summary>
    public FieldScalar Value { get; }

    public static PathElement OfField(string name) => new(PathElementKind.Field, name, [], default);

    public static PathElement OfKeys(IEnumerable<(string Name, FieldScalar Value)> keys) =>
        new(PathElementKind.Key, "", [.. keys.OrderBy(k => k.Name, StringComparer.Ordinal)], default);

    public static PathElement OfValue(FieldScalar value) => new(PathElementKind.Value, "", [], value);

    public static PathElement OfIndex(int index) => new(PathElementKind.Index, "", [], new FieldScalar(0, index, index.ToString(CultureInfo.InvariantCulture)));

    /// <returns>Null for a kind that this version doesn't know, which is left out.</returns>
    /// <exception cref="FormatException">No path element.</exception>
    public static PathElement? Parse(string text)
    {
        if (text.Length < 2 || text[1] != ':') throw new FormatException($"missing colon: {text}");
        var content = text[2..];
        return text[0] switch
        {
            'f' => OfField(content),
            'v' => OfValue(FieldScalar.Of(ParseJson(content)) ?? throw new FormatException($"no scalar: {text}")),
            'k' => OfKeys(ParseKeys(content)),
            'i' => int.TryParse(content, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) ? OfIndex(index) : throw new FormatException($"no index: {text}"),
            _ => null,
        };
    }

    /// <summary>As it stands in FieldsV1.</summary>
    public string Serialize()
    {
        switch (Kind)
        {
            case PathElementKind.Field: return "f:" + Name;
            case PathElementKind.Value: return "v:" + Value.ToJson();
            case PathElementKind.Index: return "i:" + Value.Text;
        }
        var text = new StringBuilder("k:{");
        foreach (var (name, value) in Keys)
        {
            if (text.Length > 3) text.Append(',');
            text.Append(JsonSerializer.Serialize(name, Documents.JsonDocuments.CompactJson)).Append(':').Append(value.ToJson());
        }
        return text.Append('}').ToString();
    }

    /// <summary>As it stands in messages: .spec, [name="a"], [="b"], [0].</summary>
    public override string ToString() => Kind switch
    {
        PathElementKind.Field => "." + Name,
        PathElementKind.Value => $"[={Value}]",
        PathElementKind.Index => $"[{Value}]",
        _ => $"[{string.Join(',', Keys.Select(k => $"{k.Name}={k.Value}"))}]",
    };

    public int CompareTo(PathElement? other)
    {
        if (other is null) return 1;
        if (ReferenceEquals(this, other)) return 0;
        if (Kind != other.Kind) return Kind.CompareTo(other.Kind);
        return Kind switch
        {
            PathElementKind.Field => string.CompareOrdinal(Name, other.Name),
            PathElementKind.Key => CompareKeys(other),
            _ => Value.CompareTo(other.Value),
        };
    }

    public bool Equals(PathElement? other) => other is not null && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as PathElement);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Kind);
        hash.Add(Name, StringComparer.Ordinal);
        hash.Add(Value);
        foreach (var key in Keys) hash.Add(key);
        return hash.ToHashCode();
    }

    private int CompareKeys(PathElement other)
    {
        for (var i = 0; i < Keys.Length && i < other.Keys.Length; i++)
        {
            var byName = string.CompareOrdinal(Keys[i].Name, other.Keys[i].Name);
            if (byName != 0) return byName;
            var byValue = Keys[i].Value.CompareTo(other.Keys[i].Value);
            if (byValue != 0) return byValue;
        }
        return Keys.Length.CompareTo(other.Keys.Length);
    }

    private static IEnumerable<(string, FieldScalar)> ParseKeys(string json)
    {
        if (ParseJson(json) is not JsonObject keys) throw new FormatException($"no keys: {json}");
        foreach (var (name, value) in keys) yield return (name, FieldScalar.Of(value) ?? throw new FormatException($"no scalar: {json}"));
    }

    private static JsonNode? ParseJson(string json)
    {
        try
        {
            return DocumentDecoder.DecodeAny(Encoding.UTF8.GetBytes(json));
        }
        catch (DecodeException fault)
        {
            throw new FormatException(fault.Message, fault);
        }
    }
}
