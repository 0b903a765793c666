using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ActorCluster.Api.Schema;

public enum SchemaKind
{
    Object,
    Map,
    Array,
    String,
    Int32,
    Int64,
    Number,
    Boolean,
    Quantity,
    IntOrString,
    Time,
    Bytes,

    /// <summary>Anything at all (RawExtension, JSON).</summary>
    Any,

    /// <summary>Anything, shared by managers as what it is: fields of objects one by one, lists as a whole (what custom resources keep though their schema doesn't name it).</summary>
    Deduced,
}

/// <summary>One field of an object type.</summary>
/// <param name="PatchStrategy">"merge", "retainKeys", "merge,retainKeys", "replace"; "" where strategic merge has its default.</param>
/// <param name="PatchMergeKey">The field that tells list elements apart; "" for lists of scalars.</param>
public sealed record FieldSchema(string Name, TypeSchema Type, string PatchStrategy, string PatchMergeKey)
{
    public bool MergesList => PatchStrategy.Split(',').Contains("merge");
    public bool RetainsKeys => PatchStrategy.Split(',').Contains("retainKeys");

    /// <summary>How managers share the list or map in this field; null: as its type says, and a list is atomic.</summary>
    public Merging? Merging { get; init; }

    /// <summary>The fields that tell the elements of a <see cref="Merging.Keyed"/> list apart.</summary>
    public ImmutableArray<string> ListKeys { get; init; } = [];

    /// <summary>What stands for the field where it is a key of list elements and absent; null: nothing.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>Whether an empty list here is something else than none.</summary>
    public bool KeepsEmpty { get; init; }

    /// <summary>An object or list that is never absent (a struct in Go, or written though nil): without it, it is empty.</summary>
    public bool IsInline { get; init; }
}

/// <summary>The type of a value: what strict decoding, strategic merge and the OpenAPI documents know about it. Fields are found on first use.</summary>
public sealed class TypeSchema
{
    private readonly Lazy<ImmutableArray<FieldSchema>> _fields;
    private readonly Lazy<FrozenDictionary<string, FieldSchema>> _byName;

    /// <param name="name">For objects the Kubernetes type's name, e.g. PodSpec.</param>
    /// <param name="fields">For objects: how to find their fields.</param>
    public TypeSchema(SchemaKind kind, string name = "", TypeSchema? element = null, Func<ImmutableArray<FieldSchema>>? fields = null)
    {
        Kind = kind;
        Name = name;
        Element = element;
        _fields = new Lazy<ImmutableArray<FieldSchema>>(fields ?? (() => []));
        _byName = new Lazy<FrozenDictionary<string, FieldSchema>>(() => Fields.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal));
    }

    public SchemaKind Kind { get; }

    public string Name { get; }

    /// <summary>Objects that have one manager for all that is in them (x-kubernetes-map-type: atomic).</summary>
    public bool IsAtomic { get; init; }

    /// <summary>How managers share this list or map, where its field doesn't say so.</summary>
    public Merging? Merging { get; init; }

    /// <summary>The fields that tell the elements of a <see cref="Schema.Merging.Keyed"/> list apart, where its field doesn't say so.</summary>
    public ImmutableArray<string> ListKeys { get; init; } = [];

    /// <summary>Of a custom resource: values stay as they are given, and their types are for validation to check, not for decoding.</summary>
    public bool IsStructural { get; init; }

    /// <summary>Fields that the type doesn't have are kept.</summary>
    public bool PreservesUnknown { get; init; }

    /// <summary>What a Map or an Array holds.</summary>
    public TypeSchema? Element { get; }

    /// <summary>The fields of an Object in the order of their declaration.</summary>
    public ImmutableArray<FieldSchema> Fields => _fields.Value;

    public FieldSchema? Field(string name) => _byName.Value.GetValueOrDefault(name);

    /// <summary>The type as Go would name it in an error message.</summary>
    public string GoName => Kind switch
    {
        SchemaKind.Object => $"v1.{Name}",
        SchemaKind.Map => $"map[string]{Element!.GoName}",
        SchemaKind.Array => $"[]{Element!.GoName}",
        SchemaKind.String => "string",
        SchemaKind.Int32 => "int32",
        SchemaKind.Int64 => "int64",
        SchemaKind.Number => "float64",
        SchemaKind.Boolean => "bool",
        SchemaKind.Quantity => "resource.Quantity",
        SchemaKind.IntOrString => "intstr.IntOrString",
        SchemaKind.Time => "string",
        SchemaKind.Bytes => "[]uint8",
        _ => "interface {}",
    };

    public static readonly TypeSchema String = new(SchemaKind.String);
    public static readonly TypeSchema Int32 = new(SchemaKind.Int32);
    public static readonly TypeSchema Int64 = new(SchemaKind.Int64);
    public static readonly TypeSchema Number = new(SchemaKind.Number);
    public static readonly TypeSchema Boolean = new(SchemaKind.Boolean);
    public static readonly TypeSchema Quantity = new(SchemaKind.Quantity);
    public static readonly TypeSchema IntOrString = new(SchemaKind.IntOrString);
    public static readonly TypeSchema Time = new(SchemaKind.Time);
    public static readonly TypeSchema Bytes = new(SchemaKind.Bytes);
    public static readonly TypeSchema Any = new(SchemaKind.Any);
    public static readonly TypeSchema Deduced = new(SchemaKind.Deduced) { IsStructural = true };
}
