using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.Protobuf;

/// <summary>
/// Reads application/vnd.kubernetes.protobuf, which typed Go clients send (kubectl's generators since 1.32): the envelope of
/// apimachinery/pkg/runtime/serializer/protobuf with the object in it, as the JSON that the same client would have sent.
/// </summary>
public static class ProtobufDocuments
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";
    private const int MaxDepth = 100;
    private static readonly byte[] Magic = [(byte)'k', (byte)'8', (byte)'s', 0];

    /// <exception cref="FormatException">No envelope, no known type, or no protobuf.</exception>
    public static ReadOnlyMemory<byte> ToJson(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic)) throw new FormatException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        var apiVersion = "";
        var kind = "";
        var raw = ReadOnlySpan<byte>.Empty;
        var envelope = new WireReader(body[Magic.Length..]);
        while (envelope.TryReadField(out var number))
        {
            if (number == 1)
            {
                var type = ReadMessage(envelope.ReadBytes(), "TypeMeta", 0);
                apiVersion = type.GetString("apiVersion") ?? "";
                kind = type.GetString("kind") ?? "";
            }
            else if (number == 2) raw = envelope.ReadBytes();
            else envelope.Skip();
        }
        var message = ProtobufMessages.NameOf(apiVersion, kind) ?? throw new FormatException($"no kind \"{kind}\" is registered for version \"{apiVersion}\"");
        var obj = ReadMessage(raw, message, 0);
        obj["kind"] = kind;
        obj["apiVersion"] = apiVersion;
        return JsonSerializer.SerializeToUtf8Bytes<JsonNode>(obj, JsonDocuments.CompactJson);
    }

    private static JsonObject ReadMessage(ReadOnlySpan<byte> data, string message, int depth)
    {
        if (depth > MaxDepth) throw new FormatException("exceeded max depth");
        var fields = ProtobufMessages.Find(message) ?? throw new FormatException($"unknown message {message}");
        var result = new JsonObject();
        var reader = new WireReader(data);
        while (reader.TryReadField(out var number))
        {
            if (!fields.TryGetValue(number, out var field))
            {
                // A field newer than this server.
                reader.Skip();
                continue;
            }
            switch (field.Role)
            {
                case FieldRole.Repeated:
                    if (result[field.Name] is not JsonArray list) result[field.Name] = list = [];
                    list.Add(ReadValue(ref reader, field.Type, depth));
                    break;
                case FieldRole.Map:
                    ReadEntry(reader.ReadBytes(), result.Ensure(field.Name), field.Type, depth);
                    break;
                case FieldRole.Inline:
                    foreach (var (name, value) in ReadMessage(reader.ReadBytes(), field.Type, depth + 1).ToList()) result[name] = value?.DeepClone();
                    break;
                default:
                    var single = ReadValue(ref reader, field.Type, depth);
                    if (field.Role == FieldRole.Optional || !IsZero(single)) result[field.Name] = single;
                    break;
            }
        }
        return result;
    }

    private static JsonNode? ReadValue(ref WireReader reader, string type, int depth)
    {
        switch (type)
        {
            case "string":
                return JsonValue.Create(Text(reader.ReadBytes()));
            case "bool":
                return JsonValue.Create(reader.ReadVarint() != 0);
            case "int32" or "int64" or "uint32" or "uint64":
                return JsonValue.Create((long)reader.ReadVarint());
            case "double":
                return JsonValue.Create(reader.ReadDouble());
            case "bytes":
                return JsonValue.Create(Convert.ToBase64String(reader.ReadBytes()));
        }
        var data = reader.ReadBytes();
        switch (type)
        {
            case "Quantity":
                return ReadMessage(data, type, depth + 1).GetString("string") ?? "0";
            case "IntOrString":
                var either = ReadMessage(data, type, depth + 1);
                return either.GetInteger("type") == 1 ? either.GetString("strVal") ?? "" : either.GetInteger("intVal") ?? 0;
            case "meta.v1.Time" or "meta.v1.MicroTime":
                return Time(ReadMessage(data, type, depth + 1), type == "meta.v1.MicroTime");
            case "meta.v1.FieldsV1" or "RawExtension":
                return Raw(data);
            case "meta.v1.Duration":
                return (ReadMessage(data, type, depth + 1).GetInteger("duration") ?? 0).ToString(CultureInfo.InvariantCulture) + "ns";
            // In JSON a schema or something else stands in the one place.
            case "apiextensions.v1.JSONSchemaPropsOrArray":
                var schemas = ReadMessage(data, type, depth + 1);
                return (schemas["schema"] ?? schemas["items"])?.DeepClone();
            case "apiextensions.v1.JSONSchemaPropsOrBool":
                var others = ReadMessage(data, type, depth + 1);
                return others["schema"]?.DeepClone() ?? (others.GetBoolean("allows") == true);
            // A message in protobuf only: lists can't be values of maps there.
            case "authentication.v1.ExtraValue" or "authorization.v1.ExtraValue" or "certificates.v1.ExtraValue":
                return ReadMessage(data, type, depth + 1)["items"]?.DeepClone() ?? new JsonArray();
            default:
                return ReadMessage(data, type, depth + 1);
        }
    }

    private static void ReadEntry(ReadOnlySpan<byte> data, JsonObject map, string type, int depth)
    {
        var key = "";
        JsonNode? value = type == "string" ? "" : null;
        var entry = new WireReader(data);
        while (entry.TryReadField(out var number))
        {
            if (number == 1) key = Text(entry.ReadBytes());
            else if (number == 2) value = ReadValue(ref entry, type, depth);
            else entry.Skip();
        }
        map[key] = value;
    }

    private static JsonNode? Time(JsonObject time, bool micro)
    {
        var seconds = time.GetInteger("seconds") ?? 0;
        var nanos = time.GetInteger("nanos") ?? 0;
        if (seconds == 0 && nanos == 0) return null;
        if (seconds is < -62135596800 or > 253402300799) throw new FormatException("time is out of range");
        var at = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100);
        return micro ? ObjectMetadata.FormatMicroTime(at) : ObjectMetadata.FormatTime(at);
    }

    private static JsonNode? Raw(ReadOnlySpan<byte> data)
    {
        var reader = new WireReader(data);
        while (reader.TryReadField(out var number))
        {
            if (number != 1)
            {
                reader.Skip();
                continue;
            }
            try
            {
                return DocumentDecoder.DecodeAny(reader.ReadBytes());
            }
            catch (DecodeException fault)
            {
                throw new FormatException(fault.Message, fault);
            }
        }
        return null;
    }

    private static bool IsZero(JsonNode? value) => value switch
    {
        null => true,
        JsonValue when JsonDocuments.AsString(value) is { } text => text.Length == 0,
        JsonValue when JsonDocuments.AsInteger(value) is { } number => number == 0,
        JsonValue flag when flag.TryGetValue(out bool yes) => !yes,
        _ => false,
    };

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException fault)
        {
            throw new FormatException("string field contains invalid UTF-8", fault);
        }
    }
}
