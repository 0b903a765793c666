using ActorCluster.Controllers.Scheduling.Volumes;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Volumes that can be used on the node, or made there (plugins/volumebinding).</summary>
internal sealed class VolumeBindingFilter(PodVolumes volumes) : IFilterPolicy
{
    public bool PreemptionMayHelp => false;

    public IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node) => volumes.Reject(pod.Pod, node.Node);
}
