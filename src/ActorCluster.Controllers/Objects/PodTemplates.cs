using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Pods from templates (GetPodFromTemplate in pkg/controller/controller_utils.go).</summary>
internal static class PodTemplates
{
    public static V1Pod PodFrom(V1PodTemplateSpec template, IKubernetesObject<V1ObjectMeta> parent, V1OwnerReference owner) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new V1ObjectMeta
        {
            NamespaceProperty = parent.Metadata.NamespaceProperty,
            GenerateName = parent.Metadata.Name + "-",
            Labels = template.Metadata?.Labels,
            Annotations = template.Metadata?.Annotations,
            Finalizers = template.Metadata?.Finalizers,
            OwnerReferences = [owner],
        },
        Spec = template.Spec,
    };
}
