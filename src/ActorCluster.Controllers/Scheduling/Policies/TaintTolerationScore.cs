using ActorCluster.Controllers.Objects;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Rather not on nodes with PreferNoSchedule taints that the pod doesn't tolerate (plugins/tainttoleration).</summary>
internal sealed class TaintTolerationScore : IScorePolicy
{
    public int Weight => 3;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster)
    {
        var counts = new long[feasible.Count];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = feasible[i].Node.Spec?.Taints?.Count(taint =>
                taint.Effect == "PreferNoSchedule" && !Tolerations.Tolerates(pod.Pod.Spec.Tolerations, taint)) ?? 0;
        }

        return Array.TrueForAll(counts, count => count == 0) ? null : ScoreScale.Normalize(counts, reverse: true);
    }
}
