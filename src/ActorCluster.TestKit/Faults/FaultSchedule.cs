using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.TestKit.Faults;

/// <summary>Makes one fault of its kind by chance.</summary>
/// <param name="random">The only chance it may take.</param>
/// <param name="at">When it begins.</param>
/// <param name="duration">How long it lasts.</param>
public delegate ScheduledFault FaultKind(RandomSource random, TestCluster cluster, TimeSpan at, TimeSpan duration);

/// <summary>What goes wrong, and when.</summary>
public sealed record FaultSchedule(ImmutableArray<ScheduledFault> Faults)
{
    /// <summary>Crashes and freezes of nodes.</summary>
    public static ImmutableArray<FaultKind> NodeFaults { get; } =
    [
        static (random, cluster, at, duration) => new NodeCrash(at, duration, NodeOf(random, cluster)),
        static (random, cluster, at, duration) => new NodeFreeze(at, duration, NodeOf(random, cluster)),
    ];

    /// <summary>Draws faults by a cluster's seed: the same seed, the same faults.</summary>
    /// <param name="during">They begin within that time, and last up to a quarter of it.</param>
    /// <param name="kinds">From which each is drawn; none: <see cref="NodeFaults"/>.</param>
    public static FaultSchedule Draw(TestCluster cluster, int count, TimeSpan during, params ImmutableArray<FaultKind> kinds)
    {
        if (kinds.IsDefaultOrEmpty) kinds = NodeFaults;
        var random = cluster.Simulation.Random.Child("fault-schedule");
        // Whole seconds, so that a schedule is easily read.
        TimeSpan Part(TimeSpan whole) => TimeSpan.FromSeconds(Math.Max(1, Math.Floor(whole.TotalSeconds * random.NextDouble())));
        var faults = Enumerable.Range(0, count).Select(_ => kinds[random.Next(kinds.Length)](random, cluster, Part(during), Part(during / 4))).ToList();
        return new([.. faults.OrderBy(fault => fault.At)]);
    }

    /// <summary>Some of its faults, at the same times.</summary>
    public FaultSchedule Only(IEnumerable<int> indexes) => new([.. indexes.Select(index => Faults[index])]);

    /// <summary>Lets all of it happen; returns when the last is over.</summary>
    /// <exception cref="ClusterAssertionException">One of them names a node that the cluster hasn't; none has begun then (<see cref="ScheduledFault.Check"/>).</exception>
    public async Task RunAsync(TestCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        foreach (var fault in Faults) fault.Check(cluster);
        await cluster.RunAsync(() => Task.WhenAll(Faults.Select(fault => RunAsync(cluster, fault))));
    }

    public override string ToString() => Faults.IsEmpty ? "no faults" : string.Join("; ", Faults);

    private static async Task RunAsync(TestCluster cluster, ScheduledFault fault)
    {
        await Task.Delay(fault.At, cluster.Clock.TimeProvider);
        await fault.BeginAsync(cluster);
        await Task.Delay(fault.For, cluster.Clock.TimeProvider);
        await fault.EndAsync(cluster);
    }

    private static string NodeOf(RandomSource random, TestCluster cluster) => cluster.NodeNames[random.Next(cluster.NodeNames.Count)];
}
