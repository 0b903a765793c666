using ActorCluster.Contracts.Runtime;

namespace ActorCluster.TestKit;

/// <summary>How a test wants its cluster.</summary>
public sealed record TestClusterOptions
{
    /// <summary>How many nodes there are at first: worker-1, worker-2, ...</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Of every chance in the cluster; null: a new one each time.</summary>
    public int? Seed { get; init; }

    /// <summary>How time passes.</summary>
    public ClusterTime Time { get; init; } = ClusterTime.Virtual;

    /// <summary>On virtual time, what time it is at first.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Kubernetes's timers; null: upstream's own on virtual time, quick ones in real time.</summary>
    public ClusterTimings? Timings { get; init; }

    /// <summary>Names in pods resolve only with it; it costs two pods.</summary>
    public bool ClusterDns { get; init; } = true;

    /// <summary>Serve the Kubernetes API over HTTPS on loopback as well: <see cref="TestCluster.KubeConfig"/>.</summary>
    public bool Https { get; init; }

    /// <summary>Names outside the cluster that pods may reach, and where they lead: NAME[:PORT]=HOST:PORT.</summary>
    public IReadOnlyList<string> Outside { get; init; } = [];

    /// <summary>Keep a line for each packet: <see cref="Networking.ClusterNetwork.PacketLog"/>.</summary>
    public bool LogPackets { get; init; }

    /// <summary>How long waits wait if they aren't told, by the cluster's clock; null: 10 minutes of virtual time, 60 seconds of real time.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Where the cluster's log goes; null: nowhere.</summary>
    public TextWriter? Log { get; init; }

    internal ClusterTimings EffectiveTimings => Timings ?? (Time == ClusterTime.Virtual ? ClusterTimings.Kubernetes : ClusterTimings.Fast);

    internal TimeSpan EffectivePatience => Patience ?? (Time == ClusterTime.Virtual ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(60));
}

/// <summary>How time passes in a cluster.</summary>
public enum ClusterTime
{
    /// <summary>Only while the test waits for something of the cluster, and then as fast as all that is due can be done. One seed gives one run.</summary>
    Virtual,

    /// <summary>As everywhere.</summary>
    Real,
}
