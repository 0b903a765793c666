using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>What controllers ask of a pod (pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go).</summary>
internal static class PodFacts
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    public static string KeyOf(V1Pod pod) => $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}";

    /// <summary>Its labels as selectors want them.</summary>
    public static IReadOnlyDictionary<string, string> LabelsOf(V1Pod pod) => pod.Metadata.Labels switch
    {
        null => NoLabels,
        IReadOnlyDictionary<string, string> labels => labels,
        var labels => new Dictionary<string, string>(labels),
    };

    /// <summary>Succeeded or Failed: it will not run again.</summary>
    public static bool IsTerminal(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    public static bool IsDeleting(V1Pod pod) => pod.Metadata.DeletionTimestamp is not null;

    public static bool IsActive(V1Pod pod) => !IsTerminal(pod) && !IsDeleting(pod);

    public static bool IsReady(V1Pod pod) => Conditions.Find(pod, "Ready")?.Status == "True";

    /// <summary>Since when it is ready; null if it is not.</summary>
    public static DateTime? ReadySince(V1Pod pod) =>
        Conditions.Find(pod, "Ready") is { Status: "True" } ready ? ready.LastTransitionTime : null;

    /// <summary>Ready, and for at least <paramref name="minReadySeconds"/>.</summary>
    public static bool IsAvailable(V1Pod pod, int minReadySeconds, DateTimeOffset now) =>
        IsReady(pod) && (minReadySeconds <= 0 || (ReadySince(pod) is { } since && since.AddSeconds(minReadySeconds) <= now.UtcDateTime));

    /// <summary>When the next pod will have been ready for <paramref name="minReadySeconds"/>; null if all ready ones are available.</summary>
    public static TimeSpan? NextAvailability(IEnumerable<V1Pod> pods, int minReadySeconds, DateTimeOffset now)
    {
        if (minReadySeconds <= 0) return null;
        var waiting = pods.Where(pod => IsReady(pod) && !IsAvailable(pod, minReadySeconds, now)).ToList();
        if (waiting.Count == 0) return null;
        return waiting.Min(pod => (ReadySince(pod) ?? now.UtcDateTime).AddSeconds(minReadySeconds) - now.UtcDateTime);
    }

    /// <summary>Its node can never give what its spec asks for now.</summary>
    public static bool IsResizeInfeasible(V1Pod pod) => Conditions.Find(pod, "PodResizePending")?.Reason == "Infeasible";

    public static bool IsScheduled(V1Pod pod) => !string.IsNullOrEmpty(pod.Spec?.NodeName);

    /// <summary>The most restarts of any container, init containers that stay (sidecars) counted apart.</summary>
    public static (int Regular, int Sidecar) MostRestarts(V1Pod pod)
    {
        var regular = pod.Status?.ContainerStatuses?.Select(s => s.RestartCount).DefaultIfEmpty().Max() ?? 0;
        var sidecars = pod.Spec?.InitContainers?.Where(c => c.RestartPolicy == "Always").Select(c => c.Name).ToHashSet() ?? [];
        var sidecar = pod.Status?.InitContainerStatuses?.Where(s => sidecars.Contains(s.Name)).Select(s => s.RestartCount).DefaultIfEmpty().Max() ?? 0;
        return (regular, sidecar);
    }
}
