using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using k8s.Models;

namespace ActorCluster.Api.Schema;

/// <summary>Schemas of the built-in types, read off the official client's models by reflection, a type at a time and only when asked for.</summary>
public static partial class ModelSchema
{
    private static readonly ConcurrentDictionary<Type, TypeSchema> Known = new()
    {
        [typeof(string)] = TypeSchema.String,
        [typeof(int)] = TypeSchema.Int32,
        [typeof(long)] = TypeSchema.Int64,
        [typeof(double)] = TypeSchema.Number,
        [typeof(bool)] = TypeSchema.Boolean,
        [typeof(DateTime)] = TypeSchema.Time,
        [typeof(byte[])] = TypeSchema.Bytes,
        [typeof(ResourceQuantity)] = TypeSchema.Quantity,
        [typeof(IntOrString)] = TypeSchema.IntOrString,
        [typeof(object)] = TypeSchema.Any,
    };

    /// <summary>The schema of a model such as <see cref="V1Pod"/>.</summary>
    public static TypeSchema Of<T>() => Of(typeof(T));

    public static TypeSchema Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return Known.GetOrAdd(type, Build);
    }

    /// <summary>V1PodSpec, Corev1Event, V1APIResource: PodSpec, Event, APIResource.</summary>
    internal static string KubernetesName(Type type) => VersionPrefix().Replace(type.Name, "");

    [GeneratedRegex("^([A-Z][a-z]+)?[Vv][0-9]+((alpha|beta)[0-9]+)?(?=[A-Z])")]
    private static partial Regex VersionPrefix();

    private static TypeSchema Build(Type type)
    {
        if (ElementOf(type, typeof(IDictionary<,>), 1) is { } value) return new TypeSchema(SchemaKind.Map, element: Of(value));
        if (ElementOf(type, typeof(IList<>), 0) is { } item) return new TypeSchema(SchemaKind.Array, element: Of(item));
        return new TypeSchema(SchemaKind.Object, KubernetesName(type), fields: () => FieldsOf(type)) { IsAtomic = MergeTopology.IsAtomic(KubernetesName(type), type.Name) };
    }

    private static Type? ElementOf(Type type, Type open, int argument)
    {
        var match = type.IsGenericType && type.GetGenericTypeDefinition() == open
            ? type
            : Array.Find(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == open);
        return match?.GetGenericArguments()[argument];
    }

    private static ImmutableArray<FieldSchema> FieldsOf(Type type)
    {
        var fields = ImmutableArray.CreateBuilder<FieldSchema>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name is not { } name) continue;
            var (strategy, key) = MergeKeys.Find(KubernetesName(type), name);
            fields.Add(MergeTopology.Describe(KubernetesName(type), new FieldSchema(name, Of(property.PropertyType), strategy, key)));
        }
        return fields.ToImmutable();
    }
}
