namespace ActorCluster.TestKit.Theories;

/// <summary>The seed that a run of a <see cref="ClusterTheoryAttribute"/> has.</summary>
internal static class ClusterSeed
{
    private static readonly AsyncLocal<int?> Value = new();

    public static int? Current
    {
        get => Value.Value;
        set => Value.Value = value;
    }
}
