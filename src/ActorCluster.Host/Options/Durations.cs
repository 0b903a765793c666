using System.Buffers;
using System.Globalization;
using System.Text;

namespace ActorCluster.Host.Options;

/// <summary>Durations as Kubernetes's flags take them: Go's time.ParseDuration ("4s", "1m30s", "500ms", "1.5h").</summary>
public static class Durations
{
    private static readonly (string Unit, double Ticks)[] Units =
    [
        ("ns", 0.01), ("us", TimeSpan.TicksPerMicrosecond), ("µs", TimeSpan.TicksPerMicrosecond), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <returns>False for anything that is not a duration of at least zero.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0") return true;
        var rest = text.AsSpan();
        if (rest.IsEmpty) return false;
        var ticks = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny(NumberCharacters);
            var unit = (letters < 0 ? rest : rest[..letters]).ToString();
            var known = Array.FindIndex(Units, candidate => candidate.Unit == unit);
            if (known < 0) return false;
            ticks += number * Units[known].Ticks;
            rest = rest[unit.Length..];
        }

        if (ticks > TimeSpan.MaxValue.Ticks / 2.0) return false;
        duration = TimeSpan.FromTicks((long)Math.Round(ticks));
        return true;
    }

    /// <summary>The form that <see cref="TryParse"/> reads back exactly, in whole milliseconds.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        var text = new StringBuilder();
        if ((long)duration.TotalHours is > 0 and var hours) text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (duration.Minutes > 0) text.Append(CultureInfo.InvariantCulture, $"{duration.Minutes}m");
        if (duration.Seconds > 0) text.Append(CultureInfo.InvariantCulture, $"{duration.Seconds}s");
        if (duration.Milliseconds > 0) text.Append(CultureInfo.InvariantCulture, $"{duration.Milliseconds}ms");
        return text.Length == 0 ? "1ms" : text.ToString();
    }
}
