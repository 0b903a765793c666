namespace ActorCluster.Controllers.Scheduling;

/// <summary>Says how well a pod would be placed on each of the nodes where it can run.</summary>
internal interface IScorePolicy
{
    /// <summary>How much it counts, by upstream's default profile (pkg/scheduler/apis/config/v1/default_plugins.go).</summary>
    int Weight { get; }

    /// <summary>0 (bad) to 100 (good) for each of <paramref name="feasible"/>, or null if it has no preference.</summary>
    /// <param name="cluster">For what depends on all nodes and their pods.</param>
    long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster);
}
