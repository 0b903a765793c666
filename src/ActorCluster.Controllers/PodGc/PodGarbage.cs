using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.PodGc;

/// <summary>A pod that is to be deleted at once, because nobody else will.</summary>
/// <param name="Message">What its status says of it (condition DisruptionTarget); null if it needs none.</param>
internal sealed record GarbagePod(V1Pod Pod, string? Message);

/// <summary>Which pods nobody will clean up any more (pkg/controller/podgc/gc_controller.go). Pure.</summary>
internal static class PodGarbage
{
    public const string OutOfServiceTaint = "node.kubernetes.io/out-of-service";

    /// <summary>Pods that end but can't, as their node is declared dead: only then may their names and volumes be used elsewhere.</summary>
    public static IEnumerable<GarbagePod> OnOutOfServiceNodes(IEnumerable<V1Pod> pods, Func<string, V1Node?> nodeOf) =>
        from pod in pods
        where PodFacts.IsDeleting(pod) && PodFacts.IsScheduled(pod)
        let node = nodeOf(pod.Spec.NodeName)
        where node is not null && Conditions.Find(node, "Ready")?.Status != "True" && node.Spec?.Taints?.Any(taint => taint.Key == OutOfServiceTaint) == true
        select new GarbagePod(pod, null);

    /// <summary>The oldest of the pods that have ended, so that <paramref name="threshold"/> of them are left.</summary>
    public static IEnumerable<GarbagePod> Terminated(IEnumerable<V1Pod> pods, int threshold)
    {
        if (threshold <= 0) return [];
        var ended = pods.Where(pod => PodFacts.IsTerminal(pod) && !PodFacts.IsDeleting(pod)).ToList();
        return ended.OrderBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
            .Take(ended.Count - threshold).Select(pod => new GarbagePod(pod, null));
    }

    /// <summary>Pods that were deleted before they had a node.</summary>
    public static IEnumerable<GarbagePod> UnscheduledTerminating(IEnumerable<V1Pod> pods) =>
        pods.Where(pod => PodFacts.IsDeleting(pod) && !PodFacts.IsScheduled(pod)).Select(pod => new GarbagePod(pod, null));

    /// <summary>Pods of nodes that don't exist.</summary>
    public static IEnumerable<GarbagePod> Orphaned(IEnumerable<V1Pod> pods, IReadOnlySet<string> goneNodes) =>
        pods.Where(pod => PodFacts.IsScheduled(pod) && goneNodes.Contains(pod.Spec.NodeName)).Select(pod => new GarbagePod(pod, "PodGC: node no longer exists"));
}
