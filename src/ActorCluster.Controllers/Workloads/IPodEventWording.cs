using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>How a controller's events speak of pods that it makes and deletes.</summary>
internal interface IPodEventWording
{
    string Succeeded(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod);

    string Failed(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod, string error);
}

internal enum PodChange
{
    Create,
    Update,
    Delete,
}

/// <summary>As RealPodControl in pkg/controller/controller_utils.go words it.</summary>
internal sealed class UsualPodEventWording : IPodEventWording
{
    public static readonly UsualPodEventWording Instance = new();

    public string Succeeded(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod) => $"{change}d pod: {pod.Metadata.Name}";

    public string Failed(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod, string error) =>
        change switch
        {
            PodChange.Create => $"Error creating: {error}",
            PodChange.Update => $"Error updating: {error}",
            _ => $"Error deleting: {error}",
        };
}
