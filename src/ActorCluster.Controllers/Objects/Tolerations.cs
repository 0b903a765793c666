using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Which taints a pod puts up with (k8s.io/component-helpers/scheduling/corev1/helpers.go).</summary>
internal static class Tolerations
{
    public static bool Tolerates(V1Toleration toleration, V1Taint taint)
    {
        if (!string.IsNullOrEmpty(toleration.Effect) && toleration.Effect != taint.Effect) return false;
        if (!string.IsNullOrEmpty(toleration.Key) && toleration.Key != taint.Key) return false;
        return toleration.OperatorProperty switch
        {
            null or "" or "Equal" => (toleration.Value ?? "") == (taint.Value ?? ""),
            "Exists" => true,
            _ => false,
        };
    }

    public static bool Tolerates(IEnumerable<V1Toleration>? tolerations, V1Taint taint) =>
        tolerations is not null && tolerations.Any(toleration => Tolerates(toleration, taint));

    /// <summary>A taint of the node that keeps the pod away or drives it off; null if there is none.</summary>
    public static V1Taint? Untolerated(IEnumerable<V1Toleration>? tolerations, V1Node node)
    {
        if (node.Spec?.Taints is not { } taints) return null;
        foreach (var taint in taints)
        {
            if (taint.Effect is "NoSchedule" or "NoExecute" && !Tolerates(tolerations, taint)) return taint;
        }

        return null;
    }
}
