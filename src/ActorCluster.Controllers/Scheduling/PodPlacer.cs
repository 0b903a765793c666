using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Scheduling.Policies;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Where a pod goes (<paramref name="Node"/>), or why it can go nowhere (<paramref name="Failure"/>).</summary>
internal readonly record struct Placement(string? Node, string? Failure)
{
    /// <summary>Something about the pod itself is in the way on every node.</summary>
    public static Placement Nowhere(string why, int nodes) =>
        new(null, $"0/{nodes} nodes are available: {why}. preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.");
}

/// <summary>Chooses a node for a pod: filters, then scores, then chance among the best. Pure but for that chance.</summary>
internal sealed class PodPlacer(IReadOnlyList<IFilterPolicy> filters, IReadOnlyList<IScorePolicy> scores, RandomSource random)
{
    /// <summary>minFeasibleNodesToFind and minFeasibleNodesPercentageToFind in pkg/scheduler/schedule_one.go.</summary>
    private const int EnoughNodes = 100;
    private const int LeastPercentage = 5;

    private int _next;

    /// <summary>Upstream's default profile.</summary>
    /// <param name="more">Filters that need more than the pod and the node.</param>
    public static PodPlacer Default(RandomSource random, params IEnumerable<IFilterPolicy> more) => new(
        [new NodeUnschedulableFilter(), new NodeNameFilter(), new TaintTolerationFilter(), new NodeAffinityFilter(), new NodePortsFilter(), new NodeResourcesFilter(), .. more],
        [new TaintTolerationScore(), new NodeAffinityScore(), new LeastAllocatedScore(), new BalancedAllocationScore(), new TopologySpreadScore()],
        random);

    public Placement Place(SchedulingPod pod, ClusterState cluster)
    {
        var nodes = cluster.Nodes;
        if (nodes.Count == 0) return new(null, "no nodes available to schedule pods");

        // In a large cluster a good node is enough: look at a share of them, and go on from there next time.
        var wanted = NodesToFind(nodes.Count);
        List<NodeState> feasible = [];
        var rejections = new Rejections();
        var seen = 0;
        for (; seen < nodes.Count && feasible.Count < wanted; seen++)
        {
            var node = nodes[(_next + seen) % nodes.Count];
            if (TryReject(pod, node, rejections)) continue;
            feasible.Add(node);
        }

        _next = (_next + seen) % nodes.Count;
        if (feasible.Count == 0) return new(null, rejections.Describe(nodes.Count, pod.Priority > (cluster.LowestPriority ?? pod.Priority)));
        return new(feasible.Count == 1 ? feasible[0].Name : Best(pod, feasible, nodes).Name, null);
    }

    private bool TryReject(SchedulingPod pod, NodeState node, Rejections rejections)
    {
        foreach (var filter in filters)
        {
            if (filter.Reject(pod, node) is not { Count: > 0 } reasons) continue;
            rejections.Add(reasons, filter.PreemptionMayHelp);
            return true;
        }

        return false;
    }

    private NodeState Best(SchedulingPod pod, List<NodeState> feasible, IReadOnlyList<NodeState> all)
    {
        var totals = new long[feasible.Count];
        foreach (var policy in scores)
        {
            if (policy.Score(pod, feasible, all) is not { } part) continue;
            for (var i = 0; i < totals.Length; i++) totals[i] += part[i] * policy.Weight;
        }

        var (best, ties) = (0, 1);
        for (var i = 1; i < totals.Length; i++)
        {
            if (totals[i] > totals[best]) (best, ties) = (i, 1);
            else if (totals[i] == totals[best] && random.Next(++ties) == 0) best = i;
        }

        return feasible[best];
    }

    private static int NodesToFind(int nodes)
    {
        if (nodes < EnoughNodes) return nodes;
        var percentage = Math.Max(LeastPercentage, 50 - (nodes / 125));
        return Math.Max(EnoughNodes, nodes * percentage / 100);
    }
}
