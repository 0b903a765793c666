using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Contracts.Tables;

namespace ActorCluster.Controllers;

/// <summary>What the host decides for the controllers.</summary>
public sealed record ControllersOptions
{
    public ClusterTimings Timings { get; init; } = ClusterTimings.Kubernetes;

    /// <summary>From which each node gets its own block of pod addresses.</summary>
    public string PodCidr { get; init; } = WellKnown.PodCidr;

    /// <summary>Prefix length of a node's block: 24 gives 256 blocks of a /16 (--node-cidr-mask-size).</summary>
    public int NodeCidrMaskSize { get; init; } = 24;

    /// <summary>The same for IPv6; null: nodes have none.</summary>
    public string? PodCidrV6 { get; init; } = WellKnown.PodCidrV6;

    /// <summary>64 gives 256 blocks of a /56 (--node-cidr-mask-size-ipv6).</summary>
    public int NodeCidrMaskSizeV6 { get; init; } = 64;

    /// <summary>From which services of type LoadBalancer get their addresses.</summary>
    public string LoadBalancerCidr { get; init; } = WellKnown.LoadBalancerCidr;

    /// <summary>The same for IPv6, with as many addresses as the other block.</summary>
    public string LoadBalancerCidrV6 { get; init; } = WellKnown.LoadBalancerCidrV6;

    /// <summary>The cluster's CA certificate, PEM, for the ConfigMap kube-root-ca.crt in each namespace.</summary>
    public string RootCaPem { get; init; } = "";

    /// <summary>All resources that the API serves; they may come and go. Those that are stored are what the garbage collector watches, and what the deletion of a namespace empties.</summary>
    public ResourceRegistry Registry { get; init; } = new();

    /// <summary>Whether the word of Akka.Cluster that a worker process can't be reached makes its nodes count as silent at once, before
    /// their leases run out. A heartbeat that comes later revokes it.</summary>
    public bool UseProcessReachability { get; init; }

    /// <summary>How nodes are told to kill a container; null: nobody can tell them.</summary>
    public IContainerStreamConnector? Nodes { get; init; }

    /// <summary>How it is made sure that no process routes to a lost node's pods any more when the node is said to be lost; null: nobody waits for that, as upstream.</summary>
    public INetworkTablesFence? Tables { get; init; }

    /// <summary>Told whether the controllers are at work, as that changes; null: nobody wants to know.</summary>
    public Action<bool>? AtWork { get; init; }

    /// <summary>How many finished pods may lie around before the oldest are deleted (--terminated-pod-gc-threshold).</summary>
    public int TerminatedPodThreshold { get; init; } = 12500;

    /// <summary>How long a pod that can't be scheduled waits at most before it is tried again though nothing changed.</summary>
    public TimeSpan UnschedulableFlush { get; init; } = TimeSpan.FromMinutes(5);
}
