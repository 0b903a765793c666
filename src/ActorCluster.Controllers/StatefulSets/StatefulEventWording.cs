using ActorCluster.Controllers.Workloads;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>As recordPodEvent in pkg/controller/statefulset/stateful_pod_control.go words it.</summary>
internal sealed class StatefulEventWording : IPodEventWording
{
    public string Succeeded(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod) => $"{About(change, owner, pod)} successful";

    public string Failed(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod, string error) => $"{About(change, owner, pod)} failed error: {error}";

    private static string About(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod) =>
        $"{change} Pod {pod.Metadata.Name} in StatefulSet {owner.Metadata.Name}";
}
