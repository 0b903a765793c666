namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>topologySpreadConstraints that must hold: no place may have so many more pods than the emptiest one (plugins/podtopologyspread/filtering.go).</summary>
internal sealed class TopologySpreadFilter : IFilterPolicy
{
    private const string Text = "node(s) didn't match pod topology spread constraints";
    private static readonly Rejection TooSkewed = Rejection.Resolvable(Text);
    private static readonly Rejection NoLabel = Rejection.Final($"{Text} (missing required label)");

    public string Name => "PodTopologySpread";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeLabels | ClusterChange.NodeTaints
        | ClusterChange.PodGone | ClusterChange.PodPlaced | ClusterChange.PodLabels;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster)
    {
        var constraints = SpreadConstraint.Of(pod, "DoNotSchedule");
        if (constraints.Count == 0) return null;
        var counts = constraints.Select(constraint => constraint.Counts(pod, cluster)).ToList();
        var domains = constraints.Select(_ => new Dictionary<string, int>()).ToList();
        foreach (var node in cluster.Nodes)
        {
            if (!SpreadConstraint.HasAllKeys(constraints, node)) continue;
            for (var i = 0; i < constraints.Count; i++)
            {
                if (!constraints[i].Includes(pod, node)) continue;
                var place = node.Label(constraints[i].TopologyKey)!;
                domains[i][place] = domains[i].GetValueOrDefault(place) + (counts[i]?.GetValueOrDefault(node.Name) ?? 0);
            }
        }

        return new Filter(pod, constraints, domains);
    }

    private sealed class Filter(SchedulingPod pod, IReadOnlyList<SpreadConstraint> constraints, List<Dictionary<string, int>> domains) : INodeFilter
    {
        private readonly int?[] _least = new int?[constraints.Count];

        public Rejection? Reject(NodeState node)
        {
            for (var i = 0; i < constraints.Count; i++)
            {
                var constraint = constraints[i];
                if (node.Label(constraint.TopologyKey) is not { } place) return NoLabel;
                var itself = constraint.Selector.Matches(pod.Labels) ? 1 : 0;
                if (domains[i].GetValueOrDefault(place) + itself - (long)Least(i) > constraint.MaxSkew) return TooSkewed;
            }

            return null;
        }

        public INodeFilter Fork() => new Filter(pod, constraints, [.. domains.Select(domain => new Dictionary<string, int>(domain))]);

        public void Suppose(SchedulingPod other, NodeState node, int change)
        {
            if (other.Namespace != pod.Namespace || other.IsTerminating || !SpreadConstraint.HasAllKeys(constraints, node)) return;
            for (var i = 0; i < constraints.Count; i++)
            {
                var constraint = constraints[i];
                if (constraint.Selector.IsEverything || !constraint.Selector.Matches(other.Labels) || !constraint.Includes(pod, node)) continue;
                var place = node.Label(constraint.TopologyKey)!;
                domains[i][place] = domains[i].GetValueOrDefault(place) + change;
                _least[i] = null;
            }
        }

        /// <summary>What the emptiest place has; 0 while there are fewer places than there should be.</summary>
        private int Least(int constraint) =>
            _least[constraint] ??= domains[constraint].Count < constraints[constraint].MinDomains ? 0 : domains[constraint].Values.DefaultIfEmpty(int.MaxValue).Min();
    }
}
