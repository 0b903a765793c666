namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Preferred affinity and anti-affinity between pods, from both sides, and required affinity of those that are there (plugins/interpodaffinity/scoring.go).</summary>
internal sealed class InterPodAffinityScore : IScorePolicy
{
    /// <summary>What a required term of a pod that is there counts for (hardPodAffinityWeight).</summary>
    private const int RequiredWeight = 1;

    public int Weight => 2;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster)
    {
        var wishes = new TopologyCounts();
        foreach (var (term, weight) in pod.Affinity.Preferred)
        {
            var resolved = term.Resolve(cluster.Namespaces);
            wishes.AddAll(resolved, cluster.Counts.PerNode(PodMatch.OfTerms([resolved])), cluster, weight);
        }

        var ownNamespace = cluster.Namespaces.Of(pod.Namespace);
        foreach (var entry in cluster.Preferences.All)
        {
            if (entry.Term.Matches(pod, ownNamespace)) wishes.AddAll(entry.Term, entry.Nodes, cluster, entry.Weight == 0 ? RequiredWeight : entry.Weight);
        }

        if (wishes.IsEmpty) return null;
        var raw = feasible.Select(wishes.Sum).ToArray();
        var (lowest, highest) = (raw.Min(), raw.Max());
        return lowest == highest ? null : [.. raw.Select(score => (long)(ScoreScale.Max * ((double)(score - lowest) / (highest - lowest))))];
    }
}
