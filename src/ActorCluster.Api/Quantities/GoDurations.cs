using System.Globalization;

namespace ActorCluster.Api.Quantities;

/// <summary>Durations as Go writes them (pkg.go.dev/time#ParseDuration): "300ms", "-1.5h", "2h45m".</summary>
public static class GoDurations
{
    private static readonly Dictionary<string, double> Seconds = new(StringComparer.Ordinal)
    {
        ["ns"] = 1e-9, ["us"] = 1e-6, ["µs"] = 1e-6, ["μs"] = 1e-6, ["ms"] = 1e-3, ["s"] = 1, ["m"] = 60, ["h"] = 3600,
    };

    /// <summary>Go's durations are 64-bit numbers of nanoseconds.</summary>
    private const double MostSeconds = long.MaxValue / 1e9;

    /// <returns>Seconds.</returns>
    /// <exception cref="FormatException">In Go's words.</exception>
    public static double ParseSeconds(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (rest, sign) = text.Length > 0 && text[0] is '-' or '+' ? (text[1..], text[0] == '-' ? -1 : 1) : (text, 1);
        var seconds = 0.0;
        for (var first = true; first || rest.Length > 0; first = false)
        {
            if (rest == "0" && first) break;
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) throw Fault("invalid duration", text);
            var letters = rest[digits..].TakeWhile(c => !char.IsAsciiDigit(c) && c != '.').Count();
            var unit = rest.Substring(digits, letters);
            if (unit.Length == 0) throw Fault("missing unit in duration", text);
            if (!Seconds.TryGetValue(unit, out var factor)) throw Fault($"unknown unit \"{unit}\" in duration", text);
            seconds += number * factor;
            if (seconds > MostSeconds) throw Fault("invalid duration", text);
            rest = rest[(digits + letters)..];
        }
        return sign * seconds;
    }

    /// <exception cref="FormatException">In Go's words.</exception>
    public static TimeSpan Parse(string text) => TimeSpan.FromTicks((long)Math.Round(ParseSeconds(text) * TimeSpan.TicksPerSecond));

    private static FormatException Fault(string what, string text) => new($"time: {what} \"{text}\"");
}
