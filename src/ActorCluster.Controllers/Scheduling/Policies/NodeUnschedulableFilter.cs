using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Cordoned nodes take no new pods, except such as tolerate the taint that says so (plugins/nodeunschedulable).</summary>
internal sealed class NodeUnschedulableFilter : IFilterPolicy
{
    private static readonly V1Taint Unschedulable = new() { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" };

    public bool PreemptionMayHelp => false;

    public IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node) =>
        node.Node.Spec?.Unschedulable == true && !Tolerations.Tolerates(pod.Pod.Spec.Tolerations, Unschedulable) ? ["node(s) were unschedulable"] : [];
}
