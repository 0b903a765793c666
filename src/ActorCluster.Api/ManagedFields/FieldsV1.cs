using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.ManagedFields;

/// <summary>Field sets in the form of metav1.FieldsV1 (fieldpath/serialize.go of structured-merge-diff).</summary>
public static class FieldsV1
{
    private const string Self = ".";

    /// <summary>Objects of one maker have the same fields, and one that is written often has the same each time: the last few sets are kept read.</summary>
    private const int Slots = 512;
    private static readonly Decoded?[] Known = new Decoded?[Slots];

    /// <exception cref="FormatException">No such form.</exception>
    public static FieldSet Decode(JsonNode? fields)
    {
        if (fields is null) return FieldSet.Empty;
        if (fields is not JsonObject tree) throw new FormatException("fieldsV1 must be an object");
        // Written out again without having been looked into, which takes less than reading it.
        var text = tree.ToJsonString(JsonDocuments.CompactJson);
        ref var slot = ref Known[(uint)text.GetHashCode(StringComparison.Ordinal) % Slots];
        if (slot is { } known && known.Text == text) return known.Fields;
        var read = Read(tree).Children ?? FieldSet.Empty;
        slot = new Decoded(text, read);
        return read;
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

    private sealed record Decoded(string Text, FieldSet Fields);

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
