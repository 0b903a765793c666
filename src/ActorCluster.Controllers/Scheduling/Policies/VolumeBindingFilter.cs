using ActorCluster.Controllers.Scheduling.Volumes;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Volumes that can be used on the node, or made there (plugins/volumebinding).</summary>
internal sealed class VolumeBindingFilter(PodVolumes volumes) : IFilterPolicy
{
    public string Name => "VolumeBinding";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeLabels | ClusterChange.Storage;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster) =>
        pod.Pod.Spec.Volumes is { Count: > 0 } ? new Filter(volumes, pod.Pod, volumes.Prevents(pod.Pod)) : null;

    private sealed class Filter(PodVolumes volumes, V1Pod pod, string? nowhere) : INodeFilter
    {
        public string? Nowhere => nowhere;

        public Rejection? Reject(NodeState node) => volumes.Reject(pod, node.Node) is { Count: > 0 } reasons ? new Rejection(reasons, IsResolvable: false) : null;
    }
}
