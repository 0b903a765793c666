using ActorCluster.Nodes.Agent;
using ActorCluster.TestKit.Objects;
using Akka.Actor;

namespace ActorCluster.TestKit.Faults;

/// <summary>A node's clock is wrong for a while.</summary>
/// <param name="Node">One of <see cref="TestCluster.NodeNames"/>.</param>
/// <param name="By">How far it is ahead; negative: behind.</param>
public sealed record ClockSkew(TimeSpan At, TimeSpan For, string Node, TimeSpan By) : ScheduledFault(At, For)
{
    public override void Check(TestCluster cluster) => cluster.RequireNode(Node);

    public override Task BeginAsync(TestCluster cluster) => SetAsync(cluster, Node, By);

    public override Task EndAsync(TestCluster cluster) => SetAsync(cluster, Node, TimeSpan.Zero);

    public override string ToString() => $"{At} to {At + For}: {Node}'s clock {By.Duration()} {(By < TimeSpan.Zero ? "behind" : "ahead")}";

    internal static Task SetAsync(TestCluster cluster, string node, TimeSpan skew)
    {
        cluster.RequireNode(node);
        return cluster.Inner.Nodes.Ask<NodeSkewed>(new SkewNode(node, skew));
    }
}

/// <summary>What can go wrong with a node besides what <see cref="NodeHandle"/> has.</summary>
public static class NodeFaults
{
    /// <summary>Sets the node's clock ahead of the cluster's, or behind it: its agents and its pods' programs go by it. Zero sets it right.</summary>
    /// <exception cref="ClusterAssertionException">There is no such node.</exception>
    public static Task SkewClockAsync(this NodeHandle node, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Cluster.RunAsync(() => ClockSkew.SetAsync(node.Cluster, node.Name, by));
    }
}
