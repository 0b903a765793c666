using ActorCluster.Api.Quantities;
using NodaTime;

namespace ActorCluster.Api.Batch;

/// <summary>The duration of "@every 1h30m": at least a second, and whole seconds (github.com/robfig/cron/v3/constantdelay.go).</summary>
internal static class CronEvery
{
    /// <param name="schedule">The whole text, for the complaint.</param>
    /// <exception cref="FormatException">In upstream's words.</exception>
    public static Duration Parse(string schedule, string text)
    {
        try
        {
            return Duration.FromSeconds(Math.Max(1, Math.Floor(GoDurations.ParseSeconds(text))));
        }
        catch (FormatException fault)
        {
            throw new FormatException($"failed to parse duration {schedule}: {fault.Message}", fault);
        }
    }
}
