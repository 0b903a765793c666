using ActorCluster.Containers.Runtime;
using ActorCluster.Nodes.Lifecycle;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>What a container's resources mean for its control group (pkg/kubelet/kuberuntime/kuberuntime_container_linux.go, pkg/kubelet/cm/helpers_linux.go).</summary>
internal static class ContainerLimits
{
    private const long SharesOfCore = 1024;
    private const long MinimumShares = 2;
    private const long MaximumShares = 262_144;

    /// <summary>Microseconds: the kernel takes no smaller quota.</summary>
    private const long MinimumQuota = 1000;

    private const int GuaranteedAdjustment = -997;
    private const int BestEffortAdjustment = 1000;

    /// <summary>From this priority on a pod is critical for its node (scheduling.SystemCriticalPriority).</summary>
    private const int SystemCriticalPriority = 2_000_000_000;

    /// <param name="pod">Whose own limits count where the container has none.</param>
    public static ControlGroupLimits Of(V1Pod pod, V1ResourceRequirements? resources)
    {
        var cpuLimit = Amount(resources?.Limits, "cpu") ?? Amount(pod.Spec.Resources?.Limits, "cpu");
        var cpuRequest = Amount(resources?.Requests, "cpu") ?? cpuLimit;
        var memoryLimit = Amount(resources?.Limits, "memory") ?? Amount(pod.Spec.Resources?.Limits, "memory");
        return new ControlGroupLimits(
            Shares(Thousandths(cpuRequest)),
            Thousandths(cpuLimit) is > 0 and var limit ? Math.Max(MinimumQuota, limit * ControlGroup.CpuPeriod / 1000) : null,
            memoryLimit is > 0 and var bytes ? (long)decimal.Ceiling(bytes) : null);
    }

    /// <summary>Who is killed first when the machine has no memory left, -1000 to 1000 (pkg/kubelet/qos/policy.go).</summary>
    /// <param name="machineMemory">Bytes.</param>
    public static int OomScoreAdjustment(V1Pod pod, V1Container container, decimal machineMemory)
    {
        if (pod.Spec.Priority >= SystemCriticalPriority) return GuaranteedAdjustment;
        switch (QosClasses.Of(pod.Spec))
        {
            case "Guaranteed": return GuaranteedAdjustment;
            case "BestEffort": return BestEffortAdjustment;
        }
        var adjustment = Score(Request(container));
        // A sidecar isn't to die before the containers that it serves.
        if (container.RestartPolicy == RestartRules.Always && pod.Spec.InitContainers?.Contains(container) == true) adjustment = Math.Min(adjustment, Score(pod.Spec.Containers.Min(Request)));
        return (int)Math.Clamp(adjustment, 1000 + GuaranteedAdjustment, BestEffortAdjustment - 1);

        long Score(decimal request) => 1000 - (long)decimal.Truncate(1000 * request / machineMemory);
    }

    private static long Shares(long thousandths) => Math.Clamp(thousandths * SharesOfCore / 1000, MinimumShares, MaximumShares);

    private static long Thousandths(decimal? cores) => (long)decimal.Ceiling((cores ?? 0) * 1000);

    private static decimal Request(V1Container container) => Amount(container.Resources?.Requests, "memory") ?? 0;

    private static decimal? Amount(IDictionary<string, ResourceQuantity>? list, string resource) =>
        list is not null && list.TryGetValue(resource, out var quantity) ? quantity.ToDecimal() : null;
}
