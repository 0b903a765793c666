using System.Globalization;
using NodaTime;

namespace ActorCluster.Api.Batch;

/// <summary>The duration of "@every 1h30m": at least a second, and whole seconds (github.com/robfig/cron/v3/constantdelay.go).</summary>
internal static class CronEvery
{
    private static readonly Dictionary<string, double> Seconds = new(StringComparer.Ordinal)
    {
        ["ns"] = 1e-9, ["us"] = 1e-6, ["µs"] = 1e-6, ["μs"] = 1e-6, ["ms"] = 1e-3, ["s"] = 1, ["m"] = 60, ["h"] = 3600,
    };

    /// <summary>Go's durations are 64-bit numbers of nanoseconds.</summary>
    private const double MostSeconds = long.MaxValue / 1e9;

    /// <param name="schedule">The whole text, for the complaint.</param>
    /// <exception cref="FormatException">In upstream's words.</exception>
    public static Duration Parse(string schedule, string text)
    {
        var (rest, sign) = text.Length > 0 && text[0] is '-' or '+' ? (text[1..], text[0] == '-' ? -1 : 1) : (text, 1);
        var seconds = 0.0;
        for (var first = true; first || rest.Length > 0; first = false)
        {
            if (rest == "0" && first) break;
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) throw Fault(schedule, "invalid duration", text);
            var letters = rest[digits..].TakeWhile(c => !char.IsAsciiDigit(c) && c != '.').Count();
            var unit = rest.Substring(digits, letters);
            if (unit.Length == 0) throw Fault(schedule, "missing unit in duration", text);
            if (!Seconds.TryGetValue(unit, out var factor)) throw Fault(schedule, $"unknown unit \"{unit}\" in duration", text);
            seconds += number * factor;
            if (seconds > MostSeconds) throw Fault(schedule, "invalid duration", text);
            rest = rest[(digits + letters)..];
        }

        return Duration.FromSeconds(Math.Max(1, Math.Floor(sign * seconds)));
    }

    private static FormatException Fault(string schedule, string what, string text) => new($"failed to parse duration {schedule}: time: {what} \"{text}\"");
}
