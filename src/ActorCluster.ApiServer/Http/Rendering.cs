using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Http;

/// <summary>Tables and metadata-only forms of stored objects.</summary>
/// <param name="includeObject">What a table row carries of its object: None, Metadata or Object.</param>
internal sealed class Rendering(TablePrinter printer, Representation representation, string includeObject, DateTimeOffset now)
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly string _apiVersion = $"meta.k8s.io/{representation.Version}";

    /// <summary>One object.</summary>
    public ReadOnlyMemory<byte> One(ReadOnlyMemory<byte> json)
    {
        var obj = (JsonObject)JsonNode.Parse(json.Span)!;
        return Write(writer =>
        {
            if (representation.Kind == RepresentationKind.Metadata) WriteMetadata(writer, obj);
            else WriteTable(writer, new JsonObject { ["resourceVersion"] = obj.TextAt("metadata", "resourceVersion") }, [(obj, json)]);
        });
    }

    /// <summary>A list.</summary>
    public ReadOnlyMemory<byte> List(JsonObject metadata, IReadOnlyList<StoredObject> items) => Write(writer =>
    {
        if (representation.Kind == RepresentationKind.Table)
        {
            WriteTable(writer, metadata, items.Select(i => ((JsonObject)JsonNode.Parse(i.Json.Span)!, i.Json)));
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadataList");
        writer.WriteString("apiVersion", _apiVersion);
        WriteNode(writer, "metadata", metadata);
        writer.WriteStartArray("items");
        foreach (var item in items) WriteMetadata(writer, (JsonObject)JsonNode.Parse(item.Json.Span)!);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>A bookmark, which has a position and no object.</summary>
    public ReadOnlyMemory<byte> Bookmark(ReadOnlyMemory<byte> json)
    {
        if (representation.Kind == RepresentationKind.Metadata) return One(json);
        var obj = (JsonObject)JsonNode.Parse(json.Span)!;
        return Write(writer => WriteTable(writer, obj.GetObject("metadata") ?? [], []));
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) write(writer);
        return buffer.WrittenMemory;
    }

    private void WriteTable(Utf8JsonWriter writer, JsonObject metadata, IEnumerable<(JsonObject Object, ReadOnlyMemory<byte> Json)> objects)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", _apiVersion);
        WriteNode(writer, "metadata", metadata);
        writer.WriteStartArray("columnDefinitions");
        foreach (var column in printer.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("type", column.Type);
            writer.WriteString("format", column.Format);
            writer.WriteString("description", column.Description);
            writer.WriteNumber("priority", column.Priority);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("rows");
        foreach (var (obj, json) in objects)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("cells");
            foreach (var cell in printer.Cells(obj, now))
            {
                if (cell is null) writer.WriteNullValue();
                else cell.WriteTo(writer);
            }
            writer.WriteEndArray();
            writer.WritePropertyName("object");
            switch (includeObject)
            {
                case "None":
                    writer.WriteNullValue();
                    break;
                case "Object":
                    writer.WriteRawValue(json.Span, skipInputValidation: true);
                    break;
                default:
                    WriteMetadata(writer, obj);
                    break;
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteMetadata(Utf8JsonWriter writer, JsonObject obj)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadata");
        writer.WriteString("apiVersion", _apiVersion);
        WriteNode(writer, "metadata", obj.GetObject("metadata") ?? []);
        writer.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter writer, string name, JsonNode node)
    {
        writer.WritePropertyName(name);
        node.WriteTo(writer);
    }
}
