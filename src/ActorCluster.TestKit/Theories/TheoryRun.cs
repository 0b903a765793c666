using ActorCluster.TestKit.Faults;

namespace ActorCluster.TestKit.Theories;

/// <summary>One run of a <see cref="ClusterTheoryAttribute"/>: what it gives the test, and what it learns of it.</summary>
internal sealed class TheoryRun(int seed, IReadOnlyList<int>? keptFaults = null)
{
    private static readonly AsyncLocal<TheoryRun?> Value = new();

    /// <summary>Null: the test is no theory.</summary>
    public static TheoryRun? Current
    {
        get => Value.Value;
        set => Value.Value = value;
    }

    public int Seed { get; } = seed;

    /// <summary>Of the faults that the test drew, those that happened.</summary>
    public FaultSchedule? Faults { get; private set; }

    /// <summary>How many it drew.</summary>
    public int Drawn { get; private set; }

    public FaultSchedule Take(FaultSchedule drawn)
    {
        Drawn = drawn.Faults.Length;
        return Faults = keptFaults is null ? drawn : drawn.Only(keptFaults);
    }
}
