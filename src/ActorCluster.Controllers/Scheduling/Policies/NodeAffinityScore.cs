using ActorCluster.Api.Selectors;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Preferred node affinity: the weights of the terms that match (plugins/nodeaffinity).</summary>
internal sealed class NodeAffinityScore : IScorePolicy
{
    public int Weight => 2;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster)
    {
        if (pod.Pod.Spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution is not { Count: > 0 } preferred) return null;
        return ScoreScale.Normalize(
            [.. feasible.Select(node => preferred.Where(term => NodeSelectors.Matches(term.Preference, node.Node)).Sum(term => (long)term.Weight))], reverse: false);
    }
}
