using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ActorCluster.Contracts.Store;
using k8s;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>Typed models to and from UTF-8 JSON, by the official client's own rules but without its detour over strings.</summary>
public static class KubernetesDocument
{
    private static readonly JsonSerializerOptions Options = FindOptions();

    /// <exception cref="JsonException">The text is not JSON, or not of that type.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8) =>
        typeof(T) == typeof(V1Lease) && LeaseReader.TryRead(utf8.Span) is T lease ? lease : JsonSerializer.Deserialize<T>(utf8.Span, Options) ?? throw new JsonException($"null instead of {typeof(T).Name}");

    /// <summary>As <see cref="Read{T}"/>, for those who never change what they read: who reads the same bytes soon after another gets the same object.</summary>
    /// <exception cref="JsonException">The text is not JSON, or not of that type.</exception>
    internal static T ReadShared<T>(ReadOnlyMemory<byte> utf8) where T : class => RecentDocuments<T>.Find(utf8) ?? RecentDocuments<T>.Keep(utf8, Read<T>(utf8));

    /// <summary>As <see cref="ReadShared{T}(ReadOnlyMemory{byte})"/>, of an object that is known as it was before.</summary>
    /// <param name="before">Stays as it is.</param>
    /// <param name="renewed">What came of it.</param>
    /// <exception cref="JsonException">The text is not JSON, or not of that type.</exception>
    internal static T ReadShared<T>(ReadOnlyMemory<byte> utf8, T before, StoreChange renewed) where T : class
    {
        if (RecentDocuments<T>.Find(utf8) is { } known) return known;
        return RecentDocuments<T>.Keep(utf8, Renew(before, renewed) as T ?? Read<T>(utf8));
    }

    private static object? Renew(object before, StoreChange renewed) => before switch
    {
        V1Lease lease => LeaseReader.TryRenew(lease, renewed),
        V1Node node => NodeRenewal.TryApply(node, renewed),
        _ => null,
    };

    public static byte[] Write(object document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return JsonSerializer.SerializeToUtf8Bytes(document, document.GetType(), Options);
    }

    /// <summary>A list's items; those that don't fit the type are reported and left out, so that one bad object can't blind a controller.</summary>
    /// <remarks>
    /// Read item by item and not as a model of a list: what the serializer must know of a type is then found out (and compiled) when the first object of it comes. Of most kinds that
    /// controllers follow a small cluster has none.
    /// </remarks>
    /// <exception cref="JsonException">The text is not JSON, or no list.</exception>
    internal static TypedList<T> ReadList<T>(ReadOnlyMemory<byte> utf8, Action<string, Exception> reportFault) where T : class, IKubernetesObject
    {
        var reader = new Utf8JsonReader(utf8.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException($"no list of {typeof(T).Name}");
        V1ListMeta? metadata = null;
        List<T> items = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isMetadata, isItems) = (reader.ValueTextEquals("metadata"u8), reader.ValueTextEquals("items"u8));
            reader.Read();
            if (isMetadata) metadata = JsonSerializer.Deserialize<V1ListMeta>(ref reader, Options);
            else if (isItems) ReadItems(ref reader, items, reportFault);
            else reader.Skip();
        }
        while (reader.Read())
        {
            // What comes after the list is no JSON, and is refused by the reader.
        }
        return new TypedList<T>(metadata, items);
    }

    /// <param name="reader">At the items' value; then at its end.</param>
    private static void ReadItems<T>(ref Utf8JsonReader reader, List<T> items, Action<string, Exception> reportFault) where T : class, IKubernetesObject
    {
        // Go's servers write null for an empty list.
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("items are no list");
        var type = KubernetesType.Of<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var begin = reader;
            try
            {
                var item = JsonSerializer.Deserialize<T>(ref reader, Options) ?? throw new JsonException("null");
                // Items of a list need not repeat what the list says.
                item.ApiVersion ??= type.ApiVersion;
                item.Kind ??= type.Kind;
                items.Add(item);
            }
            catch (JsonException e)
            {
                reader = begin;
                reader.Skip();
                reportFault($"reading a {typeof(T).Name} of a list, left out", e);
            }
        }
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

    internal sealed record TypedList<T>(V1ListMeta? Metadata, List<T> Items);
}
