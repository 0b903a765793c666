namespace ActorCluster.Network.Faults;

/// <summary>When bytes may go through at a rate, with so many at once after a silence (net/sched/sch_tbf.c). All times in ticks of 100 ns.</summary>
internal sealed class TokenBucket(long bytesPerSecond, long burst, long now)
{
    private readonly double _full = Cost(bytesPerSecond, burst);

    /// <summary>When it was, or would be, empty.</summary>
    private double _empty = now - Cost(bytesPerSecond, burst);

    /// <summary>The first time at which so many bytes may go; more than the bucket holds go when it is full.</summary>
    public long Earliest(int bytes, long now) => Math.Max(now, (long)Math.Ceiling(_empty + Math.Min(Cost(bytesPerSecond, bytes), _full)));

    public void Take(int bytes, long at) => _empty = at - (Math.Min(_full, at - _empty) - Cost(bytesPerSecond, bytes));

    private static double Cost(long bytesPerSecond, long bytes) => (double)bytes * TimeSpan.TicksPerSecond / bytesPerSecond;
}
