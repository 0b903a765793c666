using ActorCluster.Api.Selectors;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>Whether a node is one for a DaemonSet's pods (NodeShouldRunDaemonPod in pkg/controller/daemon/daemon_controller.go). Pure.</summary>
/// <param name="ShouldRun">A pod is to be made where none is.</param>
/// <param name="MayStay">A pod that is there stays.</param>
internal readonly record struct NodeFit(bool ShouldRun, bool MayStay)
{
    public static NodeFit Of(V1DaemonSet set, V1Node node)
    {
        var spec = set.Spec.Template.Spec;
        if (!string.IsNullOrEmpty(spec.NodeName) && spec.NodeName != node.Metadata.Name) return new(false, false);
        if (!NodeSelectors.MatchesRequired(spec, node)) return new(false, false);
        var tolerations = DaemonPods.TolerationsOf(spec);
        var untolerated = (node.Spec?.Taints ?? []).Where(taint => !Tolerations.Tolerates(tolerations, taint)).Select(taint => taint.Effect).ToList();
        var shouldRun = !untolerated.Exists(effect => effect is "NoSchedule" or "NoExecute");
        return new(shouldRun, !untolerated.Contains("NoExecute"));
    }
}
