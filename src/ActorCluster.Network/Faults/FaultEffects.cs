namespace ActorCluster.Network.Faults;

/// <summary>How often something happens.</summary>
/// <param name="Percent">Of packets, 0 to 100.</param>
/// <param name="Correlation">How much each draw depends on the one before, 0 to 100 percent (tc-netem(8)).</param>
public readonly record struct FaultChance(double Percent, double Correlation = 0)
{
    public override string ToString() => Correlation == 0 ? FormattableString.Invariant($"{Percent}%") : FormattableString.Invariant($"{Percent}% (correlation {Correlation}%)");
}

/// <summary>Packets that overtake: they are not delayed.</summary>
/// <param name="Gap">Only each so many-th packet may; 0 counts as 1: each may.</param>
public sealed record ReorderEffect(FaultChance Chance, int Gap = 0);

/// <summary>Packets take longer.</summary>
/// <param name="Jitter">Each takes up to so much more or less, evenly spread.</param>
/// <param name="Correlation">Of the jitter, in percent.</param>
public sealed record DelayEffect(TimeSpan Latency, TimeSpan Jitter = default, double Correlation = 0, ReorderEffect? Reorder = null);

/// <summary>A token bucket (tc-tbf(8)): so much goes through in a time, and what is too much waits or is lost.</summary>
/// <param name="BytesPerSecond">On average.</param>
/// <param name="Limit">Bytes that may wait; more are lost.</param>
/// <param name="Buffer">Bytes that may go through at once after a silence; a packet that is larger never goes through.</param>
/// <param name="PeakRate">Bytes a second that are never exceeded; null: none but the wire's.</param>
/// <param name="MinBurst">The bucket of the peak rate, in bytes; null: one packet of 1500.</param>
public sealed record BandwidthEffect(long BytesPerSecond, long Limit, long Buffer, long? PeakRate = null, long? MinBurst = null);

/// <summary>What happens to packets. What is null doesn't happen; what is there happens in the order that netem has (net/sched/sch_netem.c), the bandwidth last.</summary>
public sealed record FaultEffects
{
    /// <summary>Nothing gets through.</summary>
    public bool Partition { get; init; }

    /// <summary>Everything waits until the fault is gone, and then goes on in its order: a machine that hangs.</summary>
    public bool Hold { get; init; }

    public DelayEffect? Delay { get; init; }
    public FaultChance? Loss { get; init; }
    public FaultChance? Duplicate { get; init; }

    /// <summary>A bit of the packet turns over on the way. It is carried on to its receiver, whose checksum finds it, and is dropped there.</summary>
    public FaultChance? Corrupt { get; init; }

    /// <summary>Bytes a second of the line, without a bucket: each packet waits for the ones before it (netem's rate).</summary>
    public long? Rate { get; init; }

    public BandwidthEffect? Bandwidth { get; init; }
}
