using ActorCluster.Api.Pods;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.PersistentVolumes;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>What the scheduler needs to know of a pod, worked out once.</summary>
/// <param name="Requests">What it needs to have (resourcehelper.PodRequests: the larger of its containers together and any init container).</param>
internal sealed record SchedulingPod(
    string Uid, string Namespace, string Name, Resources Requests, long ScoringCpu, long ScoringMemory, IReadOnlyList<WantedHostPort> Ports,
    PodAffinity Affinity, IReadOnlyDictionary<string, string> Labels, int Priority, bool IsTerminating, V1Pod Pod)
{
    /// <summary>What a container that requests nothing counts for in scores (pkg/scheduler/util/pod_resources.go).</summary>
    private const long DefaultMilliCpu = 100;
    private const long DefaultMemory = 200 * 1024 * 1024;

    public string Key => $"{Namespace}/{Name}";

    /// <summary>The claims that it names as volumes (those of ephemeral volumes are nobody else's), as "ns/name".</summary>
    public IReadOnlyList<string> Claims { get; init; } = [];

    public static SchedulingPod From(V1Pod pod)
    {
        var (requests, cpu, memory) = Amounts(pod);
        return new(
            pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name, requests, cpu, memory,
            WantedHostPort.Of(pod.Spec), PodAffinity.From(pod), PodFacts.LabelsOf(pod), pod.Spec.Priority ?? 0, PodFacts.IsDeleting(pod), pod)
        {
            Claims = PodClaims.Shared(pod),
        };
    }

    /// <summary>The same pod later: of what its spec says only its containers' resources change.</summary>
    public SchedulingPod Later(V1Pod pod)
    {
        var (requests, cpu, memory) = Amounts(pod);
        var later = this with { Pod = pod, Labels = PodFacts.LabelsOf(pod), IsTerminating = PodFacts.IsDeleting(pod), ScoringCpu = cpu, ScoringMemory = memory };
        return requests.IsSameAs(Requests) ? later : later with { Requests = requests };
    }

    /// <summary>Whether it takes of a node what the other does.</summary>
    public bool Counts(SchedulingPod other) => Requests.IsSameAs(other.Requests) && (ScoringCpu, ScoringMemory) == (other.ScoringCpu, other.ScoringMemory);

    private static (Resources Requests, long ScoringCpu, long ScoringMemory) Amounts(V1Pod pod)
    {
        var requests = PodRequests(pod);
        var withoutCpu = pod.Spec.Containers?.Count(c => c.Resources?.Requests?.ContainsKey("cpu") != true) ?? 0;
        var withoutMemory = pod.Spec.Containers?.Count(c => c.Resources?.Requests?.ContainsKey("memory") != true) ?? 0;
        return (requests, requests.MilliCpu + withoutCpu * DefaultMilliCpu, requests.Memory + withoutMemory * DefaultMemory);
    }

    /// <summary>While a pod is resized a container counts for the most of what its spec asks for, its node has set aside and it has (KEP-1287).</summary>
    private static Resources EffectiveRequests(V1Pod pod, V1Container container, IList<V1ContainerStatus>? statuses)
    {
        var asked = Resources.From(container.Resources?.Requests);
        if (statuses?.FirstOrDefault(status => status.Name == container.Name) is not { Resources: { } actual } known) return asked;
        var given = Resources.Max(Resources.From(actual.Requests), Resources.From(known.AllocatedResources));
        return PodFacts.IsResizeInfeasible(pod) ? given : Resources.Max(asked, given);
    }

    private static Resources PodRequests(V1Pod pod)
    {
        var spec = pod.Spec;
        var running = (spec.Containers ?? []).Aggregate(Resources.Zero, (sum, c) => sum + EffectiveRequests(pod, c, pod.Status?.ContainerStatuses));
        var (sidecars, starting) = (Resources.Zero, Resources.Zero);
        foreach (var init in spec.InitContainers ?? [])
        {
            var requests = init.RestartPolicy == "Always" ? EffectiveRequests(pod, init, pod.Status?.InitContainerStatuses) : Resources.From(init.Resources?.Requests);
            if (init.RestartPolicy == "Always")
            {
                sidecars += requests;
                starting = Resources.Max(starting, sidecars);
            }
            else
            {
                starting = Resources.Max(starting, requests + sidecars);
            }
        }

        var total = Resources.Max(running + sidecars, starting);
        if (spec.Resources?.Requests is { Count: > 0 } podLevel)
        {
            var stated = Resources.From(podLevel);
            total = total with
            {
                MilliCpu = podLevel.ContainsKey("cpu") ? stated.MilliCpu : total.MilliCpu,
                Memory = podLevel.ContainsKey("memory") ? stated.Memory : total.Memory,
            };
        }

        return total + Resources.From(spec.Overhead);
    }
}
