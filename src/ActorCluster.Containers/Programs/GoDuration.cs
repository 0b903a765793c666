using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Programs;

/// <summary>Go's durations (pkg.go.dev/time#ParseDuration): "300ms", "1.5h", "2h45m".</summary>
internal static partial class GoDuration
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text == "0") return true;
        var match = Grammar().Match(text);
        if (!match.Success) return false;
        var seconds = 0.0;
        for (var i = 0; i < match.Groups["number"].Captures.Count; i++)
        {
            var factor = match.Groups["unit"].Captures[i].Value switch { "ns" => 1e-9, "us" or "µs" => 1e-6, "ms" => 1e-3, "s" => 1, "m" => 60, _ => 3600.0 };
            seconds += factor * double.Parse(match.Groups["number"].Captures[i].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        }
        // Go's own limit is about 292 years.
        if (seconds > 9.2e9) return false;
        duration = TimeSpan.FromSeconds(text[0] == '-' ? -seconds : seconds);
        return true;
    }

    /// <exception cref="FormatException">In Go's words.</exception>
    public static TimeSpan Parse(string text)
    {
        if (TryParse(text, out var duration)) return duration;
        throw new FormatException(Unit().Match(text) switch
        {
            { Success: false } => $"time: invalid duration \"{text}\"",
            { Groups: var found } when found["unit"].Length == 0 => $"time: missing unit in duration \"{text}\"",
            { Groups: var found } => $"time: unknown unit \"{found["unit"].Value}\" in duration \"{text}\"",
        });
    }

    /// <summary>As Duration.String prints it: "1m30s", "1.5s", "250ms", "0s".</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        if (duration < TimeSpan.Zero) return "-" + Format(-duration);
        if (duration < TimeSpan.FromMilliseconds(1)) return duration.TotalMicroseconds.ToString("0.###", CultureInfo.InvariantCulture) + "µs";
        if (duration < TimeSpan.FromSeconds(1)) return duration.TotalMilliseconds.ToString("0.######", CultureInfo.InvariantCulture) + "ms";
        var seconds = (duration.Ticks % TimeSpan.TicksPerMinute / (double)TimeSpan.TicksPerSecond).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
        if (duration < TimeSpan.FromMinutes(1)) return seconds;
        return duration < TimeSpan.FromHours(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes}m{seconds}")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}h{duration.Minutes}m{seconds}");
    }

    [GeneratedRegex(@"^[-+]?(?:(?<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?<unit>ns|us|µs|ms|s|m|h))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();

    /// <summary>Numbers with their units, up to the first that has none or an unknown one.</summary>
    [GeneratedRegex(@"^[-+]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h)(?![a-zµ]))*(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?<unit>[^0-9.]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Unit();
}
