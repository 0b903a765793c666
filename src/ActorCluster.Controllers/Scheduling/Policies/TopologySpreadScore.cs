namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>
/// topologySpreadConstraints that are wishes, or else the cluster's own for pods of a workload or a service: maxSkew 3 for hosts and 5 for zones
/// (plugins/podtopologyspread/scoring.go).
/// </summary>
/// <param name="selectors">Which pods belong together with a pod.</param>
internal sealed class TopologySpreadScore(ISpreadSelectors selectors) : IScorePolicy
{
    private const string Zone = "topology.kubernetes.io/zone";
    private const int HostSkew = 3;
    private const int ZoneSkew = 5;

    public int Weight => 2;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster)
    {
        var isOwn = pod.Pod.Spec.TopologySpreadConstraints is { Count: > 0 };
        var constraints = isOwn ? SpreadConstraint.Of(pod, "ScheduleAnyway") : Defaults(pod);
        if (constraints.Count == 0) return null;

        // A node without a zone may be spread over by its name; who names places himself gets only nodes that are in all of them.
        var isIgnored = feasible.Select(node => isOwn && !SpreadConstraint.HasAllKeys(constraints, node)).ToArray();
        var raw = new double[feasible.Count];
        foreach (var constraint in constraints) Add(constraint, pod, feasible, isIgnored, isOwn ? constraints : [], cluster, raw);
        return Normalize(raw, isIgnored);
    }

    private static void Add(
        SpreadConstraint constraint, SchedulingPod pod, IReadOnlyList<NodeState> feasible, bool[] isIgnored, IReadOnlyList<SpreadConstraint> needed,
        ClusterState cluster, double[] raw)
    {
        var counts = constraint.Counts(pod, cluster);
        var isByHost = constraint.TopologyKey == SpreadConstraint.Hostname;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        if (!isByHost)
        {
            for (var i = 0; i < feasible.Count; i++)
            {
                if (!isIgnored[i]) places[feasible[i].Label(constraint.TopologyKey) ?? ""] = 0;
            }

            foreach (var (name, count) in counts ?? new Dictionary<string, int>())
            {
                if (cluster.Find(name) is not { } node || !SpreadConstraint.HasAllKeys(needed, node) || !constraint.Includes(pod, node)) continue;
                var place = node.Label(constraint.TopologyKey) ?? "";
                if (places.TryGetValue(place, out var sum)) places[place] = sum + count;
            }
        }

        // The more places there are, the fewer pods each has, and the more one of them must count.
        var weight = Math.Log((isByHost ? isIgnored.Count(ignored => !ignored) : places.Count) + 2);
        for (var i = 0; i < raw.Length; i++)
        {
            if (isIgnored[i] || feasible[i].Label(constraint.TopologyKey) is not { } place) continue;
            var count = isByHost ? counts?.GetValueOrDefault(feasible[i].Name) ?? 0 : places[place];
            raw[i] += (count * weight) + (constraint.MaxSkew - 1);
        }
    }

    private IReadOnlyList<SpreadConstraint> Defaults(SchedulingPod pod)
    {
        var selector = selectors.For(pod.Pod);
        return selector.IsEverything
            ? []
            :
            [
                new(HostSkew, SpreadConstraint.Hostname, selector, 1, HonorsAffinity: true, HonorsTaints: false),
                new(ZoneSkew, Zone, selector, 1, HonorsAffinity: true, HonorsTaints: false),
            ];
    }

    private static long[] Normalize(double[] raw, bool[] isIgnored)
    {
        var (lowest, highest) = (long.MaxValue, 0L);
        var scores = new long[raw.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            if (isIgnored[i]) continue;
            scores[i] = (long)Math.Round(raw[i], MidpointRounding.AwayFromZero);
            lowest = Math.Min(lowest, scores[i]);
            highest = Math.Max(highest, scores[i]);
        }

        for (var i = 0; i < raw.Length; i++) scores[i] = isIgnored[i] ? 0 : highest == 0 ? ScoreScale.Max : ScoreScale.Max * (highest + lowest - scores[i]) / highest;
        return scores;
    }
}
