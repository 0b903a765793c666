using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Between documents and what the store keeps. metadata comes first and resourceVersion before anything a user can name,
/// so that the revision can be found and replaced in the bytes.</summary>
internal static class ObjectEncoder
{
    private static readonly string[] MetadataBeforeRevision = ["name", "generateName", "namespace", "uid"];

    private static readonly string[] MetadataAfterRevision =
    [
        "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The bytes that the store completes with the revision.</summary>
    public static UnversionedJson Encode(JsonObject obj, string apiVersion, string kind)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var offset = Write(buffer, obj, apiVersion, kind, "");
        return new UnversionedJson(buffer.WrittenMemory, offset);
    }

    /// <summary>The bytes as a client gets them, with the document's own resourceVersion; for what isn't stored (dry runs, converted versions).</summary>
    public static ReadOnlyMemory<byte> EncodeWhole(JsonObject obj, string apiVersion, string kind)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, obj, apiVersion, kind, ObjectMetadata.Of(obj).ResourceVersion);
        return buffer.WrittenMemory;
    }

    /// <summary>The parsed header that goes with the bytes.</summary>
    public static ObjectHeader Header(ResourceDefinition definition, JsonObject obj)
    {
        var metadata = ObjectMetadata.Of(obj);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in definition.SelectableFields)
        {
            if (field.Read(obj) is { Length: > 0 } value) fields[field.StoredPath] = value;
        }
        return new ObjectHeader(
            metadata.Uid,
            metadata.Labels is { } labels ? TextMap.Of(labels) : TextMap.Empty,
            TextMap.Of(fields),
            [.. metadata.OwnerReferences.Select(o => o.GetString("uid")).OfType<string>()],
            metadata.IsDeleting);
    }

    /// <summary>The stored object as a document that may be changed.</summary>
    public static JsonObject Decode(StoredObject stored) => (JsonObject)JsonNode.Parse(stored.Json.Span)!;

    private static int Write(ArrayBufferWriter<byte> buffer, JsonObject obj, string apiVersion, string kind, string resourceVersion)
    {
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("kind", kind);
        writer.WriteString("apiVersion", apiVersion);
        writer.WritePropertyName("metadata");
        var metadata = ObjectMetadata.Of(obj).Json;
        writer.WriteStartObject();
        WriteFields(writer, metadata, MetadataBeforeRevision);
        var offset = 0;
        writer.WriteString("resourceVersion", resourceVersion);
        offset = (int)(writer.BytesCommitted + writer.BytesPending) - 1;
        WriteFields(writer, metadata, MetadataAfterRevision);
        WriteFields(writer, metadata, metadata.Select(p => p.Key).Where(k =>
            k != "resourceVersion" && !MetadataBeforeRevision.Contains(k) && !MetadataAfterRevision.Contains(k)));
        writer.WriteEndObject();
        WriteFields(writer, obj, obj.Select(p => p.Key).Where(k => k is not ("kind" or "apiVersion" or "metadata")));
        writer.WriteEndObject();
        return offset;
    }

    private static void WriteFields(Utf8JsonWriter writer, JsonObject from, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (from[name] is not { } value) continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }
}
