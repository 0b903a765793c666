using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>A type at its place: with what its field says of how managers share it.</summary>
internal readonly record struct MergeType(TypeSchema Schema, FieldSchema? Field = null)
{
    public bool IsMap => Schema.Kind is SchemaKind.Object or SchemaKind.Map or SchemaKind.Deduced;

    public bool IsList => Schema.Kind == SchemaKind.Array;

    /// <summary>Has one manager for all that is in it; scalars do.</summary>
    public bool IsAtomic => Schema.Kind switch
    {
        SchemaKind.Object or SchemaKind.Map => (Sharing ?? (Schema.IsAtomic ? Merging.Atomic : Merging.Granular)) == Merging.Atomic,
        SchemaKind.Array => Sharing is not (Merging.Set or Merging.Keyed),
        SchemaKind.Deduced => false,
        _ => true,
    };

    private Merging? Sharing => Field?.Merging ?? Schema.Merging;

    private ImmutableArray<string> ListKeys => Field?.Merging is null ? Schema.ListKeys : Field.ListKeys;

    public MergeType Element => new(Schema.Element ?? TypeSchema.Any);

    /// <summary>Whether the type itself has a field of that name, rather than taking any.</summary>
    public bool Declares(string name) => Schema.Kind == SchemaKind.Object && Schema.Field(name) is not null;

    public MergeType Child(string name)
    {
        if (Schema.Kind == SchemaKind.Map) return Element;
        if (Schema.Field(name) is { } field) return new MergeType(field.Type, field);
        return new MergeType(Schema.Kind == SchemaKind.Deduced || Schema.PreservesUnknown ? TypeSchema.Deduced : TypeSchema.Any);
    }

    /// <summary>The type of what an element of a path leads to.</summary>
    public MergeType Below(PathElement element) => element.Kind == PathElementKind.Field ? Child(element.Name) : Element;

    /// <summary>What an element of this list is known by.</summary>
    /// <returns>Null, and why: it can't be known.</returns>
    public (PathElement? Element, string Fault) Identify(JsonNode? item)
    {
        if (Sharing == Merging.Keyed) return IdentifyByKeys(item);
        return item switch
        {
            null => (null, "associative list without keys has an element that's an explicit null"),
            JsonObject => (null, "associative list without keys has an element that's a map type"),
            JsonArray => (null, "not supported: associative list with lists as elements"),
            _ => (PathElement.OfValue(FieldScalar.Of(item)!.Value), ""),
        };
    }

    private (PathElement? Element, string Fault) IdentifyByKeys(JsonNode? item)
    {
        if (item is null) return (null, "associative list with keys may not have a null element");
        if (item is not JsonObject obj) return (null, "associative list with keys may not have non-map elements");
        var keys = new List<(string, FieldScalar)>(ListKeys.Length);
        foreach (var name in ListKeys)
        {
            var value = obj.ContainsKey(name) ? FieldScalar.Of(obj[name]) : Schema.Element?.Field(name)?.Default is { } standard ? FieldScalar.Of(standard) : null;
            if (value is { } known) keys.Add((name, known));
        }
        if (keys.Count > 0) return (PathElement.OfKeys(keys), "");
        var names = string.Join(' ', ListKeys.Select(k => $"\"{k}\""));
        return (null, $"associative list with keys has an element that omits all key fields [{names}] (and doesn't have default values for any key fields)");
    }
}
