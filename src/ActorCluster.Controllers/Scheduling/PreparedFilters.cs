namespace ActorCluster.Controllers.Scheduling;

/// <summary>All filters ready to judge nodes for one pod; those that don't concern it are left out.</summary>
internal sealed class PreparedFilters
{
    private readonly SchedulingPod _pod;
    private readonly ClusterState _cluster;
    private readonly IReadOnlyList<(IFilterPolicy Policy, INodeFilter Filter)> _filters;

    public PreparedFilters(IReadOnlyList<IFilterPolicy> policies, SchedulingPod pod, ClusterState cluster) : this(pod, cluster, Prepare(policies, pod, cluster))
    {
    }

    private PreparedFilters(SchedulingPod pod, ClusterState cluster, IReadOnlyList<(IFilterPolicy, INodeFilter)> filters) =>
        (_pod, _cluster, _filters) = (pod, cluster, filters);

    /// <summary>A copy that may be told what if.</summary>
    public PreparedFilters Fork() => new(_pod, _cluster, [.. _filters.Select(pair => (pair.Policy, pair.Filter.Fork()))]);

    public void Suppose(SchedulingPod other, NodeState node, int change)
    {
        if (change > 0) node.Add(other);
        else node.Remove(other.Uid);
        foreach (var (_, filter) in _filters) filter.Suppose(other, node, change);
    }

    /// <summary>Whether something about the pod itself is in the way on every node.</summary>
    public bool IsNowhere(Diagnosis diagnosis)
    {
        foreach (var (policy, filter) in _filters)
        {
            if (filter.Nowhere is not { } why) continue;
            diagnosis.Nowhere(why, policy);
            return true;
        }

        return false;
    }

    /// <summary>The nodes that need be looked at; null: all.</summary>
    public IReadOnlyCollection<string>? Narrow(Diagnosis diagnosis)
    {
        HashSet<string>? only = null;
        foreach (var (policy, filter) in _filters)
        {
            if (filter.OnlyNodes is not { } nodes) continue;
            if (only is null) only = [.. nodes];
            else only.IntersectWith(nodes);
            diagnosis.Narrowed(policy);
        }

        return only;
    }

    /// <summary>
    /// The first filter that rejects the node. Where room is being made for other pods the pod must fit with them, so that it doesn't take it from
    /// them, and without them, as they may go elsewhere (RunFilterPluginsWithNominatedPods in pkg/scheduler/framework/runtime).
    /// </summary>
    public (IFilterPolicy By, Rejection Why)? Reject(NodeState node)
    {
        var awaited = _cluster.Nominations.On(node.Name);
        if (awaited.Count > 0 && RejectWith(awaited, node) is { } rejected) return rejected;
        return RejectAsIs(node);
    }

    private (IFilterPolicy By, Rejection Why)? RejectWith(IReadOnlyCollection<SchedulingPod> awaited, NodeState node)
    {
        var others = awaited.Where(other => other.Uid != _pod.Uid && other.Priority >= _pod.Priority).ToList();
        if (others.Count == 0) return null;
        var (supposed, filters) = (node.Fork(), Fork());
        foreach (var other in others) filters.Suppose(other, supposed, 1);
        return filters.RejectAsIs(supposed);
    }

    private (IFilterPolicy By, Rejection Why)? RejectAsIs(NodeState node)
    {
        foreach (var (policy, filter) in _filters)
        {
            if (filter.Reject(node) is { } why) return (policy, why);
        }

        return null;
    }

    private static List<(IFilterPolicy, INodeFilter)> Prepare(IReadOnlyList<IFilterPolicy> policies, SchedulingPod pod, ClusterState cluster)
    {
        List<(IFilterPolicy, INodeFilter)> filters = [];
        foreach (var policy in policies)
        {
            if (policy.Prepare(pod, cluster) is { } filter) filters.Add((policy, filter));
        }

        return filters;
    }
}
