using ActorCluster.Contracts.Runtime;

namespace ActorCluster.TestKit;

/// <summary>How a test wants its cluster.</summary>
public sealed record TestClusterOptions
{
    /// <summary>Of every chance in the cluster; null: a new one each time.</summary>
    public int? Seed { get; init; }

    public ClusterTimings Timings { get; init; } = ClusterTimings.Fast;

    /// <summary>Names in pods resolve only with it; it costs two pods.</summary>
    public bool ClusterDns { get; init; } = true;

    /// <summary>How long waits wait if they aren't told.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where the cluster's log goes; null: nowhere.</summary>
    public TextWriter? Log { get; init; }
}
