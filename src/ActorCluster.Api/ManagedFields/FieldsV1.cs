using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorCluster.Api.ManagedFields;

/// <summary>Field sets in the form of metav1.FieldsV1 (fieldpath/serialize.go of structured-merge-diff).</summary>
public static class FieldsV1
{
    private const string Self = ".";

    /// <exception cref="FormatException">No such form.</exception>
    public static FieldSet Decode(JsonNode? fields)
    {
        if (fields is null) return FieldSet.Empty;
        if (fields is not JsonObject tree) throw new FormatException("fieldsV1 must be an object");
        return Read(tree).Children ?? FieldSet.Empty;
    }

    public static JsonNode Encode(FieldSet set)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            Write(writer, set, isMember: false);
        }
        // Parsed again it stays text until somebody looks into it, which is seldom.
        return JsonNode.Parse(buffer.WrittenSpan)!;
    }

    /// <returns>What is below, and whether the place itself is meant: said by ".", or by saying nothing else.</returns>
    private static (FieldSet? Children, bool IsMember) Read(JsonObject tree)
    {
        var isMember = false;
        List<FieldSet.Entry>? entries = null;
        foreach (var (key, value) in tree)
        {
            if (key == Self)
            {
                isMember = true;
                continue;
            }
            if (PathElement.Parse(key) is not { } element) continue;
            var below = value is JsonObject subtree ? Read(subtree) : (Children: null, IsMember: true);
            (entries ??= []).Add(new FieldSet.Entry(element, below.IsMember, below.Children));
        }
        return entries is null ? (null, true) : (FieldSet.Of(entries), isMember);
    }

    private static void Write(Utf8JsonWriter writer, FieldSet? set, bool isMember)
    {
        writer.WriteStartObject();
        if (set is not null)
        {
            if (isMember)
            {
                writer.WriteStartObject(Self);
                writer.WriteEndObject();
            }
            foreach (var entry in set.Entries)
            {
                writer.WritePropertyName(entry.Element.Serialize());
                Write(writer, entry.Children, entry.IsMember);
            }
        }
        writer.WriteEndObject();
    }
}
