using System.Globalization;

namespace ActorCluster.Network.Faults;

/// <summary>Effects and times in words, for traces.</summary>
public static class FaultTexts
{
    public static string Describe(FaultEffects effects)
    {
        var parts = new List<string>();
        if (effects.Partition) parts.Add("drops everything");
        if (effects.Hold) parts.Add("holds everything until it ends");
        if (effects.Delay is { } delay)
        {
            parts.Add($"delays by {Time(delay.Latency)}{(delay.Jitter == default ? "" : $" ± {Time(delay.Jitter)}")}");
            if (delay.Reorder is { } reorder) parts.Add($"lets {reorder.Chance} overtake{(reorder.Gap > 1 ? string.Create(CultureInfo.InvariantCulture, $", one in {reorder.Gap}") : "")}");
        }
        if (effects.Loss is { } loss) parts.Add($"loses {loss}");
        if (effects.Duplicate is { } duplicate) parts.Add($"duplicates {duplicate}");
        if (effects.Corrupt is { } corrupt) parts.Add($"damages {corrupt}");
        if (effects.Rate is { } rate) parts.Add(string.Create(CultureInfo.InvariantCulture, $"carries {rate} bytes a second"));
        if (effects.Bandwidth is { } bandwidth) parts.Add(string.Create(CultureInfo.InvariantCulture, $"lets {bandwidth.BytesPerSecond} bytes a second through"));
        return parts.Count == 0 ? "does nothing" : string.Join(", ", parts);
    }

    public static string Time(TimeSpan time) => time < TimeSpan.FromSeconds(1) && time > TimeSpan.FromSeconds(-1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms") : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
