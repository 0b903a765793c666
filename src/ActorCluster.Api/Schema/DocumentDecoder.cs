using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Schema;

/// <summary>The bytes are no JSON, or a value has the wrong type; the message is Go's.</summary>
public sealed class DecodeException(string message) : Exception(message);

/// <param name="Faults">What strict decoding refuses: <c>unknown field "spec.foo"</c>, <c>duplicate field "spec.bar"</c>.</param>
public sealed record DecodedDocument(JsonObject Document, IReadOnlyList<string> Faults);

/// <summary>
/// Reads JSON as upstream's decoder would into its Go types: unknown fields are noted and left out, types are checked, quantities
/// brought into canonical form, and null and empty lists and maps are the same as absent.
/// </summary>
public ref struct DocumentDecoder
{
    /// <summary>Clients read objects in lists with a limit of 64 (System.Text.Json's own among them); none of the API's own types comes near it.</summary>
    private const int MaxDepth = 60;

    /// <summary>How many faults are reported at most; an object full of unknown fields must not fill the answer.</summary>
    private const int MaxFaults = 100;

    private readonly ReadOnlySpan<byte> _json;
    private readonly List<string> _faults = [];
    private readonly List<PathStep> _path = [];
    private readonly HashSet<string> _noted = [];
    private Utf8JsonReader _reader;
    private string _struct = "";

    private DocumentDecoder(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Disallow });
    }

    /// <exception cref="DecodeException">Not JSON, or a value of the wrong type.</exception>
    public static DecodedDocument Decode(ReadOnlySpan<byte> json, TypeSchema schema)
    {
        var decoder = new DocumentDecoder(json);
        try
        {
            if (!decoder._reader.Read()) throw new DecodeException("unexpected end of JSON input");
            decoder._struct = schema.Name;
            var node = decoder.ReadValue(schema);
            if (decoder._reader.Read()) throw new DecodeException("invalid character after top-level value");
            return new DecodedDocument(node as JsonObject ?? [], decoder._faults);
        }
        catch (JsonException fault)
        {
            throw new DecodeException(decoder.Explain(fault));
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for bytes or escapes that are no Unicode text.
            throw new DecodeException("invalid UTF-8 in string");
        }
    }

    /// <summary>Reads JSON that has no schema (patches, options) with the same limits and messages.</summary>
    /// <exception cref="DecodeException">Not JSON.</exception>
    public static JsonNode? DecodeAny(ReadOnlySpan<byte> json)
    {
        var decoder = new DocumentDecoder(json);
        try
        {
            if (!decoder._reader.Read()) throw new DecodeException("unexpected end of JSON input");
            var node = decoder.ReadAny();
            if (decoder._reader.Read()) throw new DecodeException("invalid character after top-level value");
            return node;
        }
        catch (JsonException fault)
        {
            throw new DecodeException(decoder.Explain(fault));
        }
        catch (InvalidOperationException)
        {
            throw new DecodeException("invalid UTF-8 in string");
        }
    }

    private JsonNode? ReadValue(TypeSchema schema)
    {
        if (_reader.TokenType == JsonTokenType.Null) return null;
        if (schema.IsStructural) return ReadStructural(schema);
        switch (schema.Kind)
        {
            case SchemaKind.Object:
                return ReadObject(schema);
            case SchemaKind.Map:
                return ReadMap(schema);
            case SchemaKind.Array:
                return ReadArray(schema);
            case SchemaKind.String:
                if (_reader.TokenType != JsonTokenType.String) throw WrongType(schema);
                return JsonValue.Create(_reader.GetString());
            case SchemaKind.Int32:
                if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out var small)) return JsonValue.Create((long)small);
                throw WrongType(schema);
            case SchemaKind.Int64:
                if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var large)) return JsonValue.Create(large);
                throw WrongType(schema);
            case SchemaKind.Number:
                if (_reader.TokenType != JsonTokenType.Number) throw WrongType(schema);
                return JsonValue.Create(ReadDouble());
            case SchemaKind.Boolean:
                if (_reader.TokenType is not (JsonTokenType.True or JsonTokenType.False)) throw WrongType(schema);
                return JsonValue.Create(_reader.GetBoolean());
            case SchemaKind.Quantity:
                return ReadQuantity();
            case SchemaKind.IntOrString:
                return ReadIntOrString();
            case SchemaKind.Time:
                return ReadTime(schema);
            case SchemaKind.Bytes:
                return ReadBytes(schema);
            default:
                return ReadAny();
        }
    }

    private JsonObject ReadObject(TypeSchema schema)
    {
        if (_reader.TokenType != JsonTokenType.StartObject) throw WrongType(schema);
        var outer = _struct;
        var result = new JsonObject();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var name = _reader.GetString()!;
            _reader.Read();
            _path.Add(new PathStep(name, -1));
            if (schema.Field(name) is not { } field)
            {
                Note("unknown");
                _reader.Skip();
            }
            else
            {
                _struct = schema.Name;
                if (result.ContainsKey(name)) Note("duplicate");
                var value = ReadValue(field.Type);
                // Go's zero values: an empty list or map is the same as none. Empty objects are not: emptyDir: {} means something.
                if (value is null || (value is JsonArray { Count: 0 } && field is { KeepsEmpty: false, Type.Kind: not SchemaKind.Any }) || (field.Type.Kind == SchemaKind.Map && value is JsonObject { Count: 0 })) result.Remove(name);
                else result[name] = value;
            }
            _path.RemoveAt(_path.Count - 1);
        }
        _struct = outer;
        return result;
    }

    /// <summary>A custom resource's value: kept as it is, but for fields that its schema doesn't have.</summary>
    private JsonNode? ReadStructural(TypeSchema schema)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadStructuralObject(schema);
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    _path.Add(new PathStep("", list.Count));
                    list.Add(ReadValue(schema is { Kind: SchemaKind.Array, Element: { } element } ? element : TypeSchema.Deduced));
                    _path.RemoveAt(_path.Count - 1);
                }
                return list;
            default:
                return ReadAny();
        }
    }

    private JsonObject ReadStructuralObject(TypeSchema schema)
    {
        var result = new JsonObject();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var name = _reader.GetString()!;
            _reader.Read();
            _path.Add(new PathStep(name, -1));
            if (StructuralPruning.TypeOf(schema, name) is not { } type)
            {
                Note("unknown");
                _reader.Skip();
            }
            else
            {
                _struct = schema.Name;
                if (result.ContainsKey(name)) Note("duplicate");
                result[name] = ReadValue(type);
            }
            _path.RemoveAt(_path.Count - 1);
        }
        return result;
    }

    private JsonObject ReadMap(TypeSchema schema)
    {
        if (_reader.TokenType != JsonTokenType.StartObject) throw WrongType(schema);
        var result = new JsonObject();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var name = _reader.GetString()!;
            _reader.Read();
            _path.Add(new PathStep(name, -1, InMap: true));
            if (result.ContainsKey(name)) Note("duplicate");
            result[name] = ReadValue(schema.Element!) ?? ZeroOf(schema.Element!);
            _path.RemoveAt(_path.Count - 1);
        }
        return result;
    }

    private JsonArray ReadArray(TypeSchema schema)
    {
        if (_reader.TokenType != JsonTokenType.StartArray) throw WrongType(schema);
        var result = new JsonArray();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            _path.Add(new PathStep("", result.Count));
            result.Add(ReadValue(schema.Element!) ?? ZeroOf(schema.Element!));
            _path.RemoveAt(_path.Count - 1);
        }
        return result;
    }

    private static JsonNode? ZeroOf(TypeSchema schema) => schema.Kind switch
    {
        SchemaKind.String => JsonValue.Create(""),
        SchemaKind.Object or SchemaKind.Map => new JsonObject(),
        SchemaKind.Quantity => JsonValue.Create("0"),
        _ => null,
    };

    private JsonValue ReadQuantity()
    {
        var text = _reader.TokenType switch
        {
            JsonTokenType.String => _reader.GetString()!.Trim(),
            JsonTokenType.Number => Encoding.ASCII.GetString(_reader.ValueSpan),
            _ => "",
        };
        return Quantity.FaultOf(text, out var quantity) is { } fault ? throw new DecodeException(fault) : JsonValue.Create(quantity.ToString());
    }

    private JsonValue? ReadIntOrString()
    {
        if (_reader.TokenType == JsonTokenType.String) return JsonValue.Create(_reader.GetString());
        if (_reader.TokenType != JsonTokenType.Number) throw new DecodeException($"json: cannot unmarshal {Describe()} into Go value of type string");
        if (_reader.TryGetInt32(out var number)) return JsonValue.Create((long)number);
        throw new DecodeException($"json: cannot unmarshal number {Encoding.ASCII.GetString(_reader.ValueSpan)} into Go value of type int32");
    }

    private JsonValue? ReadTime(TypeSchema schema)
    {
        if (_reader.TokenType != JsonTokenType.String) throw WrongType(schema);
        var text = _reader.GetString()!;
        if (text.Length == 0) return null;
        if (ObjectMetadata.ParseTime(text) is null)
        {
            throw new DecodeException($"parsing time {FieldError.GoQuote(text)} as \"2006-01-02T15:04:05Z07:00\": cannot parse {FieldError.GoQuote(text)} as \"2006\"");
        }
        return JsonValue.Create(text);
    }

    private JsonValue? ReadBytes(TypeSchema schema)
    {
        if (_reader.TokenType != JsonTokenType.String) throw WrongType(schema);
        var text = _reader.GetString()!;
        var bytes = Encoding.UTF8.GetBytes(text);
        if (Base64.IsValid(bytes)) return JsonValue.Create(text);
        var at = Array.FindIndex(bytes, b => !char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'+' or (byte)'/' or (byte)'=' or (byte)'\n' or (byte)'\r'));
        throw new DecodeException(string.Create(CultureInfo.InvariantCulture, $"illegal base64 data at input byte {(at < 0 ? Math.Max(0, bytes.Length - bytes.Length % 4) : at)}"));
    }

    private JsonNode? ReadAny()
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new JsonObject();
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = _reader.GetString()!;
                    _reader.Read();
                    map[name] = ReadAny();
                }
                return map;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray) list.Add(ReadAny());
                return list;
            case JsonTokenType.String:
                return JsonValue.Create(_reader.GetString());
            case JsonTokenType.Number:
                return _reader.TryGetInt64(out var whole) ? JsonValue.Create(whole) : JsonValue.Create(ReadDouble());
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(_reader.GetBoolean());
            default:
                return null;
        }
    }

    private readonly double ReadDouble()
    {
        var number = _reader.GetDouble();
        return double.IsFinite(number) ? number : throw new DecodeException($"json: cannot unmarshal number {Encoding.ASCII.GetString(_reader.ValueSpan)} into Go value of type float64");
    }

    private void Note(string what)
    {
        var fault = $"{what} field {FieldError.GoQuote(PathText())}";
        if (_faults.Count < MaxFaults && _noted.Add(fault)) _faults.Add(fault);
    }

    private readonly string PathText()
    {
        var text = new StringBuilder();
        foreach (var step in _path)
        {
            if (step.Index >= 0) text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            else text.Append(text.Length > 0 ? "." : "").Append(step.Name);
        }
        return text.ToString();
    }

    private readonly DecodeException WrongType(TypeSchema schema)
    {
        var fields = string.Join('.', _path.Where(s => s.Index < 0 && !s.InMap).Select(s => s.Name));
        var target = fields.Length == 0 ? $"Go value of type {schema.GoName}" : $"Go struct field {_struct}.{fields} of type {schema.GoName}";
        return new DecodeException($"json: cannot unmarshal {Describe(schema)} into {target}");
    }

    private readonly string Describe(TypeSchema? target = null) => _reader.TokenType switch
    {
        JsonTokenType.String => "string",
        // Go names the number where it is the number that doesn't fit, not the type.
        JsonTokenType.Number when target?.Kind is SchemaKind.Int32 or SchemaKind.Int64 => $"number {Encoding.ASCII.GetString(_reader.ValueSpan)}",
        JsonTokenType.Number => "number",
        JsonTokenType.True or JsonTokenType.False => "bool",
        JsonTokenType.StartArray => "array",
        _ => "object",
    };

    private readonly string Explain(JsonException fault)
    {
        if (_reader.CurrentDepth >= MaxDepth - 1) return "exceeded max depth";
        var at = _reader.BytesConsumed;
        // The reader reports line and column; the byte itself is what Go's message names.
        long line = 0;
        var offset = 0;
        for (; offset < _json.Length && line < (fault.LineNumber ?? 0); offset++)
        {
            if (_json[offset] == '\n') line++;
        }
        at = offset + (fault.BytePositionInLine ?? 0);
        if (at >= _json.Length) return "unexpected end of JSON input";
        return $"invalid character '{(char)_json[(int)at]}' looking for beginning of value";
    }

    private readonly record struct PathStep(string Name, int Index, bool InMap = false);
}
