namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>A pod that names its node goes there and nowhere else (plugins/nodename).</summary>
internal sealed class NodeNameFilter : IFilterPolicy
{
    public bool PreemptionMayHelp => false;

    public IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node) =>
        string.IsNullOrEmpty(pod.Pod.Spec.NodeName) || pod.Pod.Spec.NodeName == node.Name ? [] : ["node(s) didn't match the requested node name"];
}
