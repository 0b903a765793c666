namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Rather where CPU and memory would be used to similar shares (plugins/noderesources/balanced_allocation.go).</summary>
internal sealed class BalancedAllocationScore : IScorePolicy
{
    public int Weight => 1;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster)
    {
        // A pod that requests nothing changes no balance.
        if (pod.Requests is { MilliCpu: 0, Memory: 0 }) return null;
        var scores = new long[feasible.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            var node = feasible[i];
            var with = Balance(node.Requested.MilliCpu + pod.Requests.MilliCpu, node.Requested.Memory + pod.Requests.Memory, node);
            var without = Balance(node.Requested.MilliCpu, node.Requested.Memory, node);
            scores[i] = (ScoreScale.Max / 2) + (((ScoreScale.Max / 2) + with - without) / 2);
        }

        return scores;
    }

    private static long Balance(long cpu, long memory, NodeState node)
    {
        if (node.Allocatable.MilliCpu == 0 || node.Allocatable.Memory == 0) return ScoreScale.Max;
        var cpuShare = Math.Min(1.0, (double)cpu / node.Allocatable.MilliCpu);
        var memoryShare = Math.Min(1.0, (double)memory / node.Allocatable.Memory);
        return (long)((1 - (Math.Abs(cpuShare - memoryShare) / 2)) * ScoreScale.Max);
    }
}
