using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Where a pod goes (<paramref name="Node"/>), or why it can go nowhere (<paramref name="Failure"/>).</summary>
/// <param name="Filters">What judged the nodes.</param>
internal readonly record struct Placement(string? Node, Diagnosis? Failure, PreparedFilters Filters);

/// <summary>Chooses a node for a pod: filters, then scores, then chance among the best. Pure but for that chance.</summary>
internal sealed class PodPlacer(SchedulerProfile profile, RandomSource random)
{
    /// <summary>minFeasibleNodesToFind and minFeasibleNodesPercentageToFind in pkg/scheduler/schedule_one.go.</summary>
    private const int EnoughNodes = 100;
    private const int LeastPercentage = 5;

    private int _next;

    public Placement Place(SchedulingPod pod, ClusterState cluster)
    {
        var nodes = cluster.Nodes;
        var diagnosis = new Diagnosis(nodes.Count);
        var filters = new PreparedFilters(profile.Filters, pod, cluster);
        if (nodes.Count == 0 || filters.IsNowhere(diagnosis)) return new(null, diagnosis, filters);

        // Where room was made for it, it goes, if it can still run there.
        if (cluster.Nominations.NodeOf(pod.Uid) is { } nominated && cluster.Find(nominated) is { } awaiting && filters.Reject(awaiting) is null)
            return new(nominated, null, filters);

        var feasible = filters.Narrow(diagnosis) is { } only
            ? Search([.. only.Order(StringComparer.Ordinal).Select(cluster.Find).OfType<NodeState>()], filters, diagnosis, 0).Feasible
            : SearchAll(nodes, filters, diagnosis);
        if (feasible.Count == 0) return new(null, diagnosis, filters);
        return new(feasible.Count == 1 ? feasible[0].Name : Best(pod, feasible, cluster).Name, null, filters);
    }

    /// <summary>In a large cluster a good node is enough: looks at a share of them, and goes on from there next time.</summary>
    private List<NodeState> SearchAll(IReadOnlyList<NodeState> nodes, PreparedFilters filters, Diagnosis diagnosis)
    {
        var (feasible, seen) = Search(nodes, filters, diagnosis, _next % nodes.Count);
        _next = (_next + seen) % nodes.Count;
        return feasible;
    }

    private static (List<NodeState> Feasible, int Seen) Search(IReadOnlyList<NodeState> nodes, PreparedFilters filters, Diagnosis diagnosis, int start)
    {
        var wanted = NodesToFind(nodes.Count);
        List<NodeState> feasible = [];
        var seen = 0;
        for (; seen < nodes.Count && feasible.Count < wanted; seen++)
        {
            var node = nodes[(start + seen) % nodes.Count];
            if (filters.Reject(node) is { } rejected) diagnosis.Add(node, rejected.Why, rejected.By);
            else feasible.Add(node);
        }

        return (feasible, seen);
    }

    private NodeState Best(SchedulingPod pod, List<NodeState> feasible, ClusterState cluster)
    {
        var totals = new long[feasible.Count];
        foreach (var policy in profile.Scores)
        {
            if (policy.Score(pod, feasible, cluster) is not { } part) continue;
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
