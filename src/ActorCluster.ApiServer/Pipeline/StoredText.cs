using System.Text.Json;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>What those who put new values in the place of old ones need to know of the bytes of an object or a patch. Pure.</summary>
internal static class StoredText
{
    /// <summary>As in 2006-01-02T15:04:05Z.</summary>
    public const int SecondsLength = 20;

    /// <summary>As in 2006-01-02T15:04:05.000000Z.</summary>
    public const int MicrosecondsLength = 27;

    /// <summary>Where the value is, without its quotes.</summary>
    public static Range Value(in Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 1 : 0);
        return start..(start + reader.ValueSpan.Length);
    }

    public static bool Next(ref Utf8JsonReader reader, JsonTokenType token) => reader.Read() && reader.TokenType == token;

    public static bool IsNext(ref Utf8JsonReader reader, string value) => Next(ref reader, JsonTokenType.String) && reader.ValueTextEquals(value);

    /// <summary>RFC 3339 with seconds, in UTC.</summary>
    public static bool IsSeconds(ReadOnlySpan<byte> text) => text.Length == SecondsLength && text[^1] == 'Z' && IsDateAndTime(text);

    /// <summary>RFC 3339 with six digits behind the seconds, in UTC.</summary>
    public static bool IsMicroseconds(ReadOnlySpan<byte> text) =>
        text.Length == MicrosecondsLength && text[^1] == 'Z' && text[SecondsLength - 1] == '.' && Number(text[SecondsLength..^1]) >= 0 && IsDateAndTime(text);

    private static bool IsDateAndTime(ReadOnlySpan<byte> text) =>
        text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':'
        && Number(text[..4]) is >= 1 and var year && Number(text[5..7]) is >= 1 and <= 12 and var month
        && Number(text[8..10]) is >= 1 and var day && day <= DateTime.DaysInMonth(year, month)
        && Number(text[11..13]) is >= 0 and < 24 && Number(text[14..16]) is >= 0 and < 60 && Number(text[17..19]) is >= 0 and < 60;

    /// <returns>Negative: not digits alone.</returns>
    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit)) return -1;
            number = number * 10 + digit - '0';
        }
        return number;
    }
}
