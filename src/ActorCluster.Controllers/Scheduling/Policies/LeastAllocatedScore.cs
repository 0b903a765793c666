namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Rather where more CPU and memory would be left (plugins/noderesources/least_allocated.go).</summary>
internal sealed class LeastAllocatedScore : IScorePolicy
{
    public int Weight => 1;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster)
    {
        var scores = new long[feasible.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            var node = feasible[i];
            var (sum, count) = (0L, 0);
            Add(node.ScoringCpu + pod.ScoringCpu, node.Allocatable.MilliCpu);
            Add(node.ScoringMemory + pod.ScoringMemory, node.Allocatable.Memory);
            scores[i] = count == 0 ? 0 : sum / count;

            void Add(long requested, long capacity)
            {
                if (capacity == 0) return;
                sum += requested > capacity ? 0 : (capacity - requested) * ScoreScale.Max / capacity;
                count++;
            }
        }

        return scores;
    }
}
