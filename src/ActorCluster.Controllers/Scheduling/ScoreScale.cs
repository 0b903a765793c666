namespace ActorCluster.Controllers.Scheduling;

/// <summary>Brings raw scores to 0..100 (DefaultNormalizeScore in pkg/scheduler/framework/plugins/helper).</summary>
internal static class ScoreScale
{
    public const long Max = 100;

    /// <param name="reverse">The highest raw score is the worst.</param>
    public static long[] Normalize(long[] raw, bool reverse)
    {
        var highest = raw.Length == 0 ? 0 : raw.Max();
        if (highest == 0) return reverse ? [.. raw.Select(_ => Max)] : raw;
        return [.. raw.Select(score => reverse ? Max - (Max * score / highest) : Max * score / highest)];
    }
}
