using ActorCluster.Controllers.Objects;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Taints NoSchedule and NoExecute keep pods away that don't tolerate them (plugins/tainttoleration).</summary>
internal sealed class TaintTolerationFilter : IFilterPolicy
{
    public bool PreemptionMayHelp => false;

    public IReadOnlyList<string> Reject(SchedulingPod pod, NodeState node)
    {
        if (node.Node.Spec?.Taints is not { } taints) return [];
        foreach (var taint in taints)
        {
            if (taint.Effect is "NoSchedule" or "NoExecute" && !Tolerations.Tolerates(pod.Pod.Spec.Tolerations, taint))
                return ["node(s) had untolerated taint(s)"];
        }

        return [];
    }
}
