using ActorCluster.Controllers.Objects;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Taints NoSchedule and NoExecute keep pods away that don't tolerate them (plugins/tainttoleration).</summary>
internal sealed class TaintTolerationFilter : IFilterPolicy
{
    private static readonly Rejection Tainted = Rejection.Final("node(s) had untolerated taint(s)");

    public string Name => "TaintToleration";

    public ClusterChange MayHelp => ClusterChange.NodeAdded | ClusterChange.NodeTaints;

    public INodeFilter Prepare(SchedulingPod pod, ClusterState cluster) =>
        new NodeFilter(node => Tolerations.Untolerated(pod.Pod.Spec.Tolerations, node.Node) is null ? null : Tainted);
}
