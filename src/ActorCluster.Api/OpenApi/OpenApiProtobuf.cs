using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.OpenApi;

/// <summary>The definitions of an OpenAPI 2.0 document in the protobuf form that kubectl asks for (openapiv2/OpenAPIv2.proto of google/gnostic).</summary>
public static class OpenApiProtobuf
{
    public const string MediaType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>The document without its paths: they are in the OpenAPI 3.0 documents.</summary>
    public static byte[] Encode(JsonObject document)
    {
        var info = Message(m =>
        {
            m.Text(1, document.TextAt("info", "title"));
            m.Text(2, document.TextAt("info", "version"));
        });
        var definitions = Message(m => Named(m, 1, document.GetObject("definitions")));
        return Message(m =>
        {
            m.Text(1, document.GetString("swagger"));
            m.Bytes(2, info);
            m.Bytes(8, []);
            m.Bytes(9, definitions);
        });
    }

    private static void Named(Writer writer, int number, JsonObject? schemas)
    {
        foreach (var (name, schema) in schemas ?? [])
        {
            writer.Bytes(number, Message(m =>
            {
                m.Text(1, name);
                m.Bytes(2, Schema((JsonObject)schema!));
            }));
        }
    }

    private static byte[] Schema(JsonObject schema) => Message(m =>
    {
        m.Text(1, schema.GetString("$ref"));
        m.Text(2, schema.GetString("format"));
        m.Text(4, schema.GetString("description"));
        if (schema.GetObject("additionalProperties") is { } values) m.Bytes(21, Message(a => a.Bytes(1, Schema(values))));
        if (schema.GetString("type") is { } type) m.Bytes(22, Message(t => t.Text(1, type)));
        if (schema.GetObject("items") is { } items) m.Bytes(23, Message(i => i.Bytes(1, Schema(items))));
        if (schema.GetObject("properties") is { } properties) m.Bytes(25, Message(p => Named(p, 1, properties)));
        foreach (var (name, value) in schema)
        {
            if (!name.StartsWith("x-", StringComparison.Ordinal) || value is null) continue;
            // Extensions are YAML text; JSON is YAML.
            m.Bytes(31, Message(x =>
            {
                x.Text(1, name);
                x.Bytes(2, Message(any => any.Text(2, value.ToJsonString(JsonDocuments.CompactJson))));
            }));
        }
    });

    private static byte[] Message(Action<Writer> write)
    {
        var writer = new Writer();
        write(writer);
        return writer.ToArray();
    }

    private sealed class Writer
    {
        private readonly ArrayBufferWriter<byte> _output = new();

        public void Text(int number, string? text)
        {
            if (!string.IsNullOrEmpty(text)) Bytes(number, Encoding.UTF8.GetBytes(text));
        }

        public void Bytes(int number, byte[] bytes)
        {
            Varint((uint)(number << 3 | 2));
            Varint((uint)bytes.Length);
            _output.Write(bytes);
        }

        public byte[] ToArray() => _output.WrittenSpan.ToArray();

        private void Varint(uint value)
        {
            for (; value >= 0x80; value >>= 7) _output.Write([(byte)(value | 0x80)]);
            _output.Write([(byte)value]);
        }
    }
}
