using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Cordoned nodes take no new pods, except such as tolerate the taint that says so (plugins/nodeunschedulable).</summary>
internal sealed class NodeUnschedulableFilter : IFilterPolicy
{
    private static readonly V1Taint Unschedulable = new() { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" };
    private static readonly Rejection Cordoned = Rejection.Final("node(s) were unschedulable");

    public string Name => "NodeUnschedulable";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeTaints;

    public INodeFilter? Prepare(SchedulingPod pod, ClusterState cluster) =>
        Tolerations.Tolerates(pod.Pod.Spec.Tolerations, Unschedulable) ? null : new NodeFilter(node => node.Node.Spec?.Unschedulable == true ? Cordoned : null);
}
