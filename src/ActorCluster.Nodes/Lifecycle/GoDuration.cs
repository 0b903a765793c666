using System.Globalization;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>Durations as Go prints them, since the kubelet's messages contain them: "10s", "1m20s", "1.5s", "350ms", "0s".</summary>
internal static class GoDuration
{
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        if (duration < TimeSpan.Zero) return "-" + Format(-duration);
        if (duration < TimeSpan.FromMilliseconds(1)) return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMicroseconds:0.###}\u00b5s");
        if (duration < TimeSpan.FromSeconds(1)) return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.######}ms");
        var seconds = (decimal)(duration.Ticks % TimeSpan.TicksPerMinute) / TimeSpan.TicksPerSecond;
        var minutes = (long)duration.TotalMinutes;
        return minutes switch
        {
            0 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#######}s"),
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds:0.#######}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60}h{minutes % 60}m{seconds:0.#######}s"),
        };
    }
}
