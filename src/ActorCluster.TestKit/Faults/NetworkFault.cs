using ActorCluster.Network.Faults;

namespace ActorCluster.TestKit.Faults;

/// <summary>
/// A fault of the network, to be added by <see cref="ClusterFaults.AddAsync"/>: what happens to packets, between whom, and how long. Immutable; each call makes another.
/// <code>Fault.Latency(TimeSpan.FromMilliseconds(100)).And(Fault.Loss(5)).Between(Pods.Labeled("app=web"), Pods.Named("db")).For(TimeSpan.FromMinutes(1))</code>
/// </summary>
/// <param name="Effects">What happens to packets.</param>
public sealed record NetworkFault(FaultEffects Effects)
{
    /// <summary>What traces and captures call it; null: its effects and a number.</summary>
    public string? Name { get; init; }

    public FaultEnds Source { get; init; } = FaultEnds.Anybody;
    public FaultEnds Target { get; init; } = FaultEnds.Anybody;
    public FaultDirection Direction { get; init; } = FaultDirection.Both;

    /// <summary>By the cluster's clock; null: until its handle is disposed of.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>What happens between two ends, both ways.</summary>
    public NetworkFault Between(FaultEnds one, FaultEnds other) => this with { Source = one, Target = other, Direction = FaultDirection.Both };

    /// <summary>What happens to packets from one end to another, and not to those that come back.</summary>
    public NetworkFault From(FaultEnds source, FaultEnds? to = null) => this with { Source = source, Target = to ?? FaultEnds.Anybody, Direction = FaultDirection.To };

    /// <summary>What happens to all that an end sends and gets.</summary>
    public NetworkFault Of(FaultEnds ends) => Between(ends, FaultEnds.Anybody);

    /// <summary>How long it goes on.</summary>
    public NetworkFault For(TimeSpan duration) => this with { Duration = duration };

    public NetworkFault Named(string name) => this with { Name = name };

    /// <summary>For a schedule that is drawn by chance: this fault, at the time that is drawn.</summary>
    public FaultKind Kind => (_, _, at, duration) => new NetworkTrouble(at, duration, this);

    /// <summary>Another's effects as well; those of a kind that both have are the other's.</summary>
    public NetworkFault And(NetworkFault other) => this with
    {
        Effects = new()
        {
            Partition = Effects.Partition || other.Effects.Partition,
            Hold = Effects.Hold || other.Effects.Hold,
            Delay = other.Effects.Delay ?? Effects.Delay,
            Loss = other.Effects.Loss ?? Effects.Loss,
            Duplicate = other.Effects.Duplicate ?? Effects.Duplicate,
            Corrupt = other.Effects.Corrupt ?? Effects.Corrupt,
            Rate = other.Effects.Rate ?? Effects.Rate,
            Bandwidth = other.Effects.Bandwidth ?? Effects.Bandwidth,
        },
    };

    public override string ToString()
    {
        var direction = Direction switch { FaultDirection.To => "to", FaultDirection.From => "from", _ => "and" };
        return $"{(Name is null ? "" : $"{Name}: ")}{FaultTexts.Describe(Effects)}, {Source} {direction} {Target}{(Duration is { } time ? $", for {FaultTexts.Time(time)}" : "")}";
    }
}
