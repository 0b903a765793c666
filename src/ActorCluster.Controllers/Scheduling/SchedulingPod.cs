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
        var requests = PodRequests(pod.Spec);
        var containers = pod.Spec.Containers?.Count ?? 0;
        var withoutCpu = pod.Spec.Containers?.Count(c => c.Resources?.Requests?.ContainsKey("cpu") != true) ?? containers;
        var withoutMemory = pod.Spec.Containers?.Count(c => c.Resources?.Requests?.ContainsKey("memory") != true) ?? containers;
        return new(
            pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name, requests,
            requests.MilliCpu + withoutCpu * DefaultMilliCpu, requests.Memory + withoutMemory * DefaultMemory,
            WantedHostPort.Of(pod.Spec), PodAffinity.From(pod), PodFacts.LabelsOf(pod), pod.Spec.Priority ?? 0, PodFacts.IsDeleting(pod), pod)
        {
            Claims = PodClaims.Shared(pod),
        };
    }

    /// <summary>The same pod later: what its spec says doesn't change.</summary>
    public SchedulingPod Later(V1Pod pod) => this with { Pod = pod, Labels = PodFacts.LabelsOf(pod), IsTerminating = PodFacts.IsDeleting(pod) };

    private static Resources PodRequests(V1PodSpec spec)
    {
        var running = (spec.Containers ?? []).Aggregate(Resources.Zero, (sum, c) => sum + Resources.From(c.Resources?.Requests));
        var (sidecars, starting) = (Resources.Zero, Resources.Zero);
        foreach (var init in spec.InitContainers ?? [])
        {
            var requests = Resources.From(init.Resources?.Requests);
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
