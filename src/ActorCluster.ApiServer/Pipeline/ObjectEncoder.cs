using System.Buffers;
using System.Collections.Frozen;
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

    private static readonly FrozenSet<string> MetadataInOrder = FrozenSet.Create(StringComparer.Ordinal, [.. MetadataBeforeRevision, "resourceVersion", .. MetadataAfterRevision]);

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Threads keep what they write into up to this size, in bytes.</summary>
    private const int KeptCapacity = 64 * 1024;

    /// <summary>Null while in use, or if this thread hasn't written yet.</summary>
    [ThreadStatic]
    private static Pen? _pen;

    /// <summary>The bytes that the store completes with the revision.</summary>
    public static UnversionedJson Encode(JsonObject obj, string apiVersion, string kind)
    {
        var (json, offset) = Write(obj, apiVersion, kind, "");
        return new UnversionedJson(json, offset);
    }

    /// <summary>The bytes as a client gets them, with the document's own resourceVersion; for what isn't stored (dry runs, converted versions).</summary>
    public static ReadOnlyMemory<byte> EncodeWhole(JsonObject obj, string apiVersion, string kind) =>
        Write(obj, apiVersion, kind, ObjectMetadata.Of(obj).ResourceVersion).Json;

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

    private static (byte[] Json, int RevisionOffset) Write(JsonObject obj, string apiVersion, string kind, string resourceVersion)
    {
        var pen = _pen ?? new Pen();
        _pen = null;
        var offset = Write(pen.Writer, obj, apiVersion, kind, resourceVersion);
        pen.Writer.Flush();
        var json = pen.Buffer.WrittenSpan.ToArray();
        if (pen.Buffer.Capacity > KeptCapacity) return (json, offset);
        pen.Buffer.ResetWrittenCount();
        pen.Writer.Reset();
        _pen = pen;
        return (json, offset);
    }

    private static int Write(Utf8JsonWriter writer, JsonObject obj, string apiVersion, string kind, string resourceVersion)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", kind);
        writer.WriteString("apiVersion", apiVersion);
        writer.WritePropertyName("metadata");
        var metadata = ObjectMetadata.Of(obj).Json;
        writer.WriteStartObject();
        foreach (var name in MetadataBeforeRevision) WriteField(writer, name, metadata[name]);
        writer.WriteString("resourceVersion", resourceVersion);
        var offset = (int)(writer.BytesCommitted + writer.BytesPending) - 1;
        foreach (var name in MetadataAfterRevision) WriteField(writer, name, metadata[name]);
        foreach (var (name, value) in metadata)
            if (!MetadataInOrder.Contains(name)) WriteField(writer, name, value);
        writer.WriteEndObject();
        foreach (var (name, value) in obj)
            if (name is not ("kind" or "apiVersion" or "metadata")) WriteField(writer, name, value);
        writer.WriteEndObject();
        return offset;
    }

    private static void WriteField(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        if (value is null) return;
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }

    private sealed class Pen
    {
        public Pen() => Writer = new Utf8JsonWriter(Buffer, WriterOptions);

        public ArrayBufferWriter<byte> Buffer { get; } = new(4096);

        public Utf8JsonWriter Writer { get; }
    }
}
