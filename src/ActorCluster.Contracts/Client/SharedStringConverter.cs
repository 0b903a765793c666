using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorCluster.Contracts.Client;

/// <summary>
/// Lets short strings that repeat from object to object ("Always", an image, an owner's uid) be one string: they are a third of what a cluster
/// of many like pods keeps in memory. A table of fixed size without locks; what it forgets costs memory only.
/// </summary>
internal sealed class SharedStringConverter : JsonConverter<string>
{
    private const int Slots = 1 << 14;
    private const int LongestShared = 128;

    private static readonly string?[] Known = new string?[Slots];

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Shared(ref reader) : throw new JsonException();

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Shared(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    /// <param name="reader">At a string.</param>
    internal static string Shared(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > LongestShared) return reader.GetString()!;
        var text = reader.ValueSpan;
        var hash = new HashCode();
        hash.AddBytes(text);
        ref var slot = ref Known[(uint)hash.ToHashCode() % Slots];
        if (slot is { } known && Ascii.Equals(text, known)) return known;
        return slot = reader.GetString()!;
    }
}
