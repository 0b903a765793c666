using System.Collections.Immutable;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.CustomResources;

/// <summary>The type of a custom resource's objects, for decoding, pruning and server-side apply, as its structural schema says it.</summary>
public static class StructuralTypes
{
    private static readonly FieldSchema ApiVersion = new("apiVersion", TypeSchema.String, "", "");
    private static readonly FieldSchema Kind = new("kind", TypeSchema.String, "", "");

    private static readonly TypeSchema Text = new(SchemaKind.String) { IsStructural = true };
    private static readonly TypeSchema Integer = new(SchemaKind.Int64) { IsStructural = true };
    private static readonly TypeSchema Number = new(SchemaKind.Number) { IsStructural = true };
    private static readonly TypeSchema Boolean = new(SchemaKind.Boolean) { IsStructural = true };
    private static readonly TypeSchema IntOrString = new(SchemaKind.IntOrString) { IsStructural = true };

    /// <summary>The type of the whole object; without a schema it keeps whatever is in it.</summary>
    public static TypeSchema OfObject(string kind, JsonSchema? schema) => Object(kind, schema, isResource: true);

    internal static TypeSchema Of(JsonSchema schema)
    {
        if (schema.IsIntOrString) return IntOrString;
        return schema.Type switch
        {
            "object" when schema.Properties.IsEmpty && !schema.IsEmbedded && schema.AllowsAdditional => new TypeSchema(SchemaKind.Map, element: schema.AdditionalProperties is { } others ? Of(others) : TypeSchema.Deduced)
            {
                IsStructural = true,
                IsAtomic = schema.IsAtomicMap,
            },
            "object" => Object("", schema, schema.IsEmbedded),
            "array" => new TypeSchema(SchemaKind.Array, element: schema.Items is { } items ? Of(items) : TypeSchema.Deduced)
            {
                IsStructural = true,
                Merging = schema.ListType switch { "map" => Merging.Keyed, "set" => Merging.Set, _ => null },
                ListKeys = schema.ListKeys,
            },
            "string" => Text,
            "integer" => Integer,
            "number" => Number,
            "boolean" => Boolean,
            _ => TypeSchema.Deduced,
        };
    }

    /// <param name="isResource">Whether it has a kind and metadata of its own.</param>
    private static TypeSchema Object(string name, JsonSchema? schema, bool isResource)
    {
        return new TypeSchema(SchemaKind.Object, name, fields: Fields)
        {
            IsStructural = true,
            IsAtomic = schema?.IsAtomicMap == true,
            PreservesUnknown = schema is null || schema.PreservesUnknown,
        };

        ImmutableArray<FieldSchema> Fields()
        {
            var fields = ImmutableArray.CreateBuilder<FieldSchema>();
            if (isResource) fields.AddRange(ApiVersion, Kind, new FieldSchema("metadata", ModelSchema.Of<V1ObjectMeta>(), "", "") { IsInline = true });
            foreach (var (field, type) in schema?.Properties ?? ImmutableSortedDictionary<string, JsonSchema>.Empty)
            {
                if (isResource && field is ("apiVersion" or "kind" or "metadata")) continue;
                fields.Add(new FieldSchema(field, Of(type), "", "") { Default = type.Default });
            }
            return fields.ToImmutable();
        }
    }
}
