using System.Globalization;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Printing;

/// <summary>Durations as kubectl shows them: the two largest units that matter (apimachinery/pkg/util/duration/duration.go).</summary>
public static class HumanDuration
{
    /// <summary>The time from a timestamp to now; "&lt;unknown&gt;" where there is none.</summary>
    public static string Since(string? timestamp, DateTimeOffset now) =>
        ObjectMetadata.ParseTime(timestamp) is { } time ? Format(now - time) : "<unknown>";

    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return Text(seconds, "s");
        var minutes = seconds / 60;
        if (minutes < 10) return Two(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return Text(minutes, "m");
        var hours = minutes / 60;
        if (hours < 8) return Two(hours, "h", minutes % 60, "m");
        if (hours < 48) return Text(hours, "h");
        if (hours < 24 * 8) return Two(hours / 24, "d", hours % 24, "h");
        if (hours < 24 * 365 * 2) return Text(hours / 24, "d");
        if (hours < 24 * 365 * 8) return Two(hours / 24 / 365, "y", hours / 24 % 365, "d");
        return Text(hours / 24 / 365, "y");
    }

    private static string Text(long value, string unit) => value.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? Text(large, largeUnit) : Text(large, largeUnit) + Text(small, smallUnit);
}
