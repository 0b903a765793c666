using ActorCluster.Nodes.Agent;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

internal static class PodEvents
{
    /// <param name="container">The container that the event is about; null for the pod itself.</param>
    public static void Record(NodeServices node, V1Pod pod, string? container, string type, string reason, string message) => node.Events.Record(
        new V1ObjectReference
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Name = pod.Metadata.Name,
            NamespaceProperty = pod.Metadata.NamespaceProperty,
            Uid = pod.Metadata.Uid,
            ResourceVersion = pod.Metadata.ResourceVersion,
            FieldPath = container is null ? null : FieldPathOf(pod, container),
        },
        type, reason, message);

    private static string FieldPathOf(V1Pod pod, string container)
    {
        if (pod.Spec.InitContainers?.Any(other => other.Name == container) == true) return $"spec.initContainers{{{container}}}";
        return pod.Spec.EphemeralContainers?.Any(other => other.Name == container) == true ? $"spec.ephemeralContainers{{{container}}}" : $"spec.containers{{{container}}}";
    }
}
