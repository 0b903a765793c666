using System.Globalization;
using System.Text;

namespace ActorCluster.Containers.Tools;

/// <summary>Times as strftime writes and date -d reads them. All in UTC: containers have no time zone unless they bring one.</summary>
internal static class DateTexts
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-dd HH:mm:ssK", "yyyy.MM.dd-HH:mm", "yyyy.MM.dd-HH:mm:ss",
        "yyyyMMddHHmm", "yyyyMMddHHmm.ss",
    ];

    private static readonly string[] TimesOfDay = ["HH:mm", "HH:mm:ss"];

    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (text.StartsWith('@'))
            return double.TryParse(text.AsSpan(1), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 1e11
                ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
        if (text is "now" or "") return now;
        if (TimeOnly.TryParseExact(text, TimesOfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out var hour)) return new(DateOnly.FromDateTime(now.UtcDateTime), hour, TimeSpan.Zero);
        // Without a year, it is this one: never the host's idea of it.
        if (DateTime.TryParseExact(now.Year.ToString("D4", CultureInfo.InvariantCulture) + text, "yyyyMMddHHmm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return new(day, TimeSpan.Zero);
        return DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
    }

    public static string Format(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            var c = format[++i];
            var pad = c is '-' or '_' ? c : '\0';
            if (pad != '\0' && i + 1 < format.Length) c = format[++i];
            var field = Field(time, c);
            if (field is null) text.Append('%').Append(c);
            else if (pad != '\0' && field.Length > 1 && field.All(char.IsAsciiDigit)) text.Append(pad == '-' ? field.TrimStart('0') is { Length: > 0 } bare ? bare : "0" : field.TrimStart('0').PadLeft(field.Length));
            else text.Append(field);
        }
        return text.ToString();
    }

    private static string? Field(DateTimeOffset time, char c) => c switch
    {
        '%' => "%",
        'n' => "\n",
        't' => "\t",
        'a' => Text(time, "ddd"),
        'A' => Text(time, "dddd"),
        'b' or 'h' => Text(time, "MMM"),
        'B' => Text(time, "MMMM"),
        'c' => Text(time, "ddd MMM ") + time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + Text(time, " HH:mm:ss yyyy"),
        'C' => Text(time, "yyyy")[..2],
        'd' => Text(time, "dd"),
        'D' => Text(time, "MM'/'dd'/'yy"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'F' => Text(time, "yyyy-MM-dd"),
        'g' => (ISOWeek.GetYear(time.DateTime) % 100).ToString("D2", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(time.DateTime).ToString(CultureInfo.InvariantCulture),
        'H' => Text(time, "HH"),
        'I' => Text(time, "hh"),
        'j' => time.DayOfYear.ToString("D3", CultureInfo.InvariantCulture),
        'k' => time.Hour.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'l' => Text(time, "hh").TrimStart('0').PadLeft(2),
        'm' => Text(time, "MM"),
        'M' => Text(time, "mm"),
        'N' => (time.Ticks % TimeSpan.TicksPerSecond * 100).ToString("D9", CultureInfo.InvariantCulture),
        'p' => Text(time, "tt"),
        'P' => Text(time, "tt").ToLowerInvariant(),
        'r' => Text(time, "hh:mm:ss tt"),
        'R' => Text(time, "HH:mm"),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => Text(time, "ss"),
        'T' or 'X' => Text(time, "HH:mm:ss"),
        'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'V' => ISOWeek.GetWeekOfYear(time.DateTime).ToString("D2", CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'x' => Text(time, "MM'/'dd'/'yy"),
        'y' => Text(time, "yy"),
        'Y' => time.Year.ToString(CultureInfo.InvariantCulture),
        'z' => "+0000",
        'Z' => "UTC",
        _ => null,
    };

    private static string Text(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
