using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>Typed models to and from UTF-8 JSON, by the official client's own rules but without its detour over strings.</summary>
public static class KubernetesDocument
{
    private static readonly JsonSerializerOptions Options = FindOptions();

    /// <exception cref="JsonException">The text is not JSON, or not of that type.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8) =>
        JsonSerializer.Deserialize<T>(utf8.Span, Options) ?? throw new JsonException($"null instead of {typeof(T).Name}");

    public static byte[] Write(object document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return JsonSerializer.SerializeToUtf8Bytes(document, document.GetType(), Options);
    }

    /// <summary>A list's items; those that don't fit the type are reported and left out, so that one bad object can't blind a controller.</summary>
    internal static TypedList<T> ReadList<T>(ReadOnlyMemory<byte> utf8, Action<string, Exception> reportFault) where T : class, IKubernetesObject
    {
        TypedList<T> list;
        try
        {
            list = Read<TypedList<T>>(utf8);
        }
        catch (JsonException)
        {
            list = ReadOneByOne<T>(utf8, reportFault);
        }

        // Items of a list need not repeat what the list says.
        var type = KubernetesType.Of<T>();
        foreach (var item in list.Items)
        {
            item.ApiVersion ??= type.ApiVersion;
            item.Kind ??= type.Kind;
        }

        return list;
    }

    private static TypedList<T> ReadOneByOne<T>(ReadOnlyMemory<byte> utf8, Action<string, Exception> reportFault)
    {
        var raw = Read<TypedList<JsonElement>>(utf8);
        var list = new TypedList<T> { Metadata = raw.Metadata };
        foreach (var item in raw.Items)
        {
            try
            {
                list.Items.Add(item.Deserialize<T>(Options) ?? throw new JsonException("null"));
            }
            catch (JsonException e)
            {
                reportFault($"reading a {typeof(T).Name} of a list, left out", e);
            }
        }

        return list;
    }

    private static JsonSerializerOptions FindOptions()
    {
        // The official client shows its options to a configuration callback only; they stay as they are.
        JsonSerializerOptions? found = null;
        KubernetesJson.AddJsonOptions(options => found = options);
        return new JsonSerializerOptions(found!)
        {
            Converters = { new SharedStringConverter() },
            TypeInfoResolver = (found!.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(ForgetManagers),
        };
    }

    /// <summary>
    /// Who manages which field is most of a small object, and no business of a controller: it isn't read (as upstream's controllers drop it
    /// from their caches), and an object that is written without it keeps what it has.
    /// </summary>
    private static void ForgetManagers(JsonTypeInfo type)
    {
        if (type.Type != typeof(V1ObjectMeta)) return;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].Name == "managedFields") type.Properties.RemoveAt(i);
        }
    }

    internal sealed class TypedList<T>
    {
        [JsonPropertyName("metadata")]
        public V1ListMeta? Metadata { get; set; }

        [JsonPropertyName("items")]
        [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
        public List<T> Items { get; } = [];
    }
}
