using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>Bytes that a pod holds of its node's storage.</summary>
/// <param name="Containers">By container: its own files and its log.</param>
/// <param name="EmptyDirs">By volume; those in memory too.</param>
internal sealed record StorageUse(IReadOnlyDictionary<string, long> Containers, IReadOnlyDictionary<string, long> EmptyDirs);

/// <summary>
/// Limits of local storage: the kubelet looks every ten seconds, and evicts a pod of which a container, an emptyDir or the whole exceeds its limit
/// (localStorageEviction in pkg/kubelet/eviction/eviction_manager.go). Pure.
/// </summary>
internal static class StorageLimits
{
    public const string Reason = "Evicted";

    /// <summary>evictionMonitoringPeriod in pkg/kubelet/kubelet.go.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>immediateEvictionGracePeriodSeconds.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private const string Resource = "ephemeral-storage";

    /// <summary>SystemCriticalPriority: such pods are not evicted (pkg/kubelet/types/pod_update.go).</summary>
    private const int CriticalPriority = 2_000_000_000;

    public static bool ApplyTo(V1Pod pod) =>
        pod.Spec.Priority is not >= CriticalPriority
        && ((pod.Spec.Volumes ?? []).Any(volume => SizeLimit(volume) is not null) || pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).Any(container => Limit(container) is not null));

    /// <summary>Which limit is exceeded, in upstream's words; null: none is.</summary>
    public static string? Exceeded(V1Pod pod, StorageUse use)
    {
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            if (SizeLimit(volume) is { } limit && use.EmptyDirs.GetValueOrDefault(volume.Name) > limit.ToDecimal())
                return $"Usage of EmptyDir volume \"{volume.Name}\" exceeds the limit \"{limit}\". ";
        }

        var onDisk = use.Containers.Values.Sum() + (pod.Spec.Volumes ?? []).Where(volume => volume.EmptyDir is { Medium: not "Memory" }).Sum(volume => use.EmptyDirs.GetValueOrDefault(volume.Name));
        if (LimitOf(pod.Spec) is { } all && onDisk > all)
            return $"Pod ephemeral local storage usage exceeds the total limit of containers {new ResourceQuantity(all, 0, ResourceQuantity.SuffixFormat.BinarySI)}. ";
        foreach (var container in pod.Spec.Containers)
        {
            if (Limit(container) is { } limit && use.Containers.GetValueOrDefault(container.Name) > limit.ToDecimal())
                return $"Container {container.Name} exceeded its local ephemeral storage limit \"{limit}\". ";
        }

        return null;
    }

    /// <summary>What the containers may hold together: as requests add up (k8s.io/component-helpers/resource, PodLimits); null without any limit.</summary>
    private static decimal? LimitOf(V1PodSpec spec)
    {
        if (!spec.Containers.Concat(spec.InitContainers ?? []).Any(container => Limit(container) is not null)) return null;
        decimal sidecars = 0, init = 0;
        foreach (var container in spec.InitContainers ?? [])
        {
            var limit = Limit(container)?.ToDecimal() ?? 0;
            if (container.RestartPolicy == "Always") sidecars += limit;
            init = Math.Max(init, container.RestartPolicy == "Always" ? sidecars : sidecars + limit);
        }

        return Math.Max(spec.Containers.Sum(container => Limit(container)?.ToDecimal() ?? 0) + sidecars, init);
    }

    private static ResourceQuantity? Limit(V1Container container) =>
        container.Resources?.Limits is { } limits && limits.TryGetValue(Resource, out var limit) && limit.ToDecimal() != 0 ? limit : null;

    private static ResourceQuantity? SizeLimit(V1Volume volume) => volume.EmptyDir?.SizeLimit is { } limit && limit.ToDecimal() > 0 ? limit : null;
}
