using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActorCluster.Contracts.Store;

/// <summary>The revision inside an object's JSON: metadata.resourceVersion.</summary>
public static class RevisionText
{
    /// <summary>Puts the revision into JSON that lacks it.</summary>
    public static byte[] Insert(UnversionedJson json, long revision)
    {
        Span<byte> digits = stackalloc byte[20];
        revision.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        var source = json.Utf8.Span;
        var whole = new byte[source.Length + length];
        source[..json.RevisionOffset].CopyTo(whole);
        digits[..length].CopyTo(whole.AsSpan(json.RevisionOffset));
        source[json.RevisionOffset..].CopyTo(whole.AsSpan(json.RevisionOffset + length));
        return whole;
    }

    /// <summary>Whether a resourceVersion is that revision.</summary>
    public static bool Is(string? resourceVersion, long revision) => long.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == revision;

    /// <summary>
    /// The object at another revision: what a DELETED event carries, whether the object was deleted or has only left a watch's selector.
    /// </summary>
    public static StoredObject AtRevision(this StoredObject stored, long revision)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return stored with { Revision = revision, Json = Insert(Remove(stored.Json), revision), Renewal = null };
    }

    /// <summary>Takes the revision out, leaving the empty pair of quotes.</summary>
    /// <exception cref="FormatException">The JSON has no metadata.resourceVersion.</exception>
    public static UnversionedJson Remove(ReadOnlyMemory<byte> utf8)
    {
        var (start, length) = Find(utf8.Span);
        var without = new byte[utf8.Length - length];
        utf8.Span[..start].CopyTo(without);
        utf8.Span[(start + length)..].CopyTo(without.AsSpan(start));
        return new UnversionedJson(without, start);
    }

    private static (int Start, int Length) Find(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            if (SkipTo(ref reader, "metadata"u8) && SkipTo(ref reader, "resourceVersion"u8) && reader.TokenType == JsonTokenType.String)
                return ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }
        catch (JsonException e)
        {
            throw new FormatException("an object that is no JSON", e);
        }

        throw new FormatException($"no metadata.resourceVersion in {Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 200)])}");
    }

    /// <summary>Enters the object that comes next and stops at the value of one of its properties.</summary>
    private static bool SkipTo(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        if (reader.TokenType != JsonTokenType.StartObject && (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(property);
            reader.Read();
            if (found) return true;
            reader.Skip();
        }

        return false;
    }
}
