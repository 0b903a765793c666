using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Host.ControlPlane;

/// <summary>How a control plane behaves, wherever it runs.</summary>
public sealed record ControlPlaneSettings
{
    public ClusterTimings Timings { get; init; } = ClusterTimings.Fast;

    /// <summary>A worker process that Akka can't reach makes its nodes suspects before their leases run out. Upstream knows no such thing: off where its timing is wanted.</summary>
    public bool UseProcessReachability { get; init; } = true;

    /// <summary>coredns and the kube-dns Service: names in pods resolve only with them.</summary>
    public bool ClusterDns { get; init; } = true;
}
