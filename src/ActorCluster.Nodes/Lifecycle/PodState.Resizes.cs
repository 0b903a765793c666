using k8s;
using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

// Resources that change while the pod runs (KEP-1287).
internal sealed partial record PodState
{
    public PodResize Resize { get; init; } = PodResize.None;

    /// <summary>The spec asks for other resources than the node has allocated.</summary>
    public bool WantsResize => Containers.Any(container => Spec(container.Name) is { } spec && !ContainerResources.Same(spec.Resources, container.Allocated));

    /// <summary>A container still runs with other resources than are allocated to it.</summary>
    public bool IsResizing => Containers.Any(container => container.HasInstance && !ContainerResources.Same(container.Actual, container.Allocated));

    /// <summary>The pod with what is allocated, not with what is asked for (UpdatePodFromAllocation in pkg/kubelet/allocation).</summary>
    public V1Pod AllocatedPod
    {
        get
        {
            if (!WantsResize) return Pod;
            var copy = KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(Pod));
            foreach (var container in copy.Spec.Containers.Concat(copy.Spec.InitContainers ?? []))
            {
                if (Find(container.Name) is { } state) container.Resources = state.Allocated;
            }
            return copy;
        }
    }

    /// <param name="pod">As it was when the node was asked.</param>
    public PodState ResizeAllocated(V1Pod pod, DateTimeOffset now)
    {
        var generation = pod.Metadata.Generation ?? 0;
        var next = this with { Resize = Resize with { IsAsked = Resize.IsAsked && Resize.AskedGeneration != generation, Pending = null, ActuatingGeneration = generation, ActuatingSince = now } };
        return next with { Containers = [.. next.Containers.Select(container => SpecOf(pod, container.Name) is { } spec ? container with { Allocated = spec.Resources } : container)] };
    }

    public PodState ResizeDeferred(long generation, string message, DateTimeOffset now) => this with
    {
        Resize = Resize with
        {
            IsAsked = Resize.IsAsked && Resize.AskedGeneration != generation,
            Pending = new PendingResize(PendingResize.Deferred, message, generation, Resize.Pending?.Since ?? now),
        },
    };

    /// <summary>What was allocated before the node's last process ended is in the status; without one, it is what the spec asks for.</summary>
    private static V1ResourceRequirements? AllocatedOf(V1Container spec, V1ContainerStatus? status)
    {
        if (status is null or { AllocatedResources: null, Resources: null }) return spec.Resources;
        return new V1ResourceRequirements
        {
            Claims = spec.Resources?.Claims,
            Limits = status.Resources?.Limits,
            Requests = status.AllocatedResources ?? status.Resources?.Requests,
        };
    }

    private static V1Container? SpecOf(V1Pod pod, string name) =>
        pod.Spec.Containers.FirstOrDefault(container => container.Name == name) ?? pod.Spec.InitContainers?.FirstOrDefault(container => container.Name == name);
}
