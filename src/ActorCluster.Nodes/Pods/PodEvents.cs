using ActorCluster.Nodes.Agent;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

internal static class PodEvents
{
    /// <param name="container">The container that the event is about; null for the pod itself.</param>
    public static void Record(NodeServices node, V1Pod pod, string? container, string type, string reason, string message) =>
        Record(node, About(pod, container), type, reason, message);

    public static void Record(NodeServices node, V1ObjectReference about, string type, string reason, string message) => node.Events.Record(about, type, reason, message);

    /// <summary>What an event refers to: a pod as it is now, or one of its containers.</summary>
    public static V1ObjectReference About(V1Pod pod, string? container) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Name = pod.Metadata.Name,
        NamespaceProperty = pod.Metadata.NamespaceProperty,
        Uid = pod.Metadata.Uid,
        ResourceVersion = pod.Metadata.ResourceVersion,
        FieldPath = container is null ? null : FieldPathOf(pod, container),
    };

    private static string FieldPathOf(V1Pod pod, string container)
    {
        if (pod.Spec.InitContainers?.Any(other => other.Name == container) == true) return $"spec.initContainers{{{container}}}";
        return pod.Spec.EphemeralContainers?.Any(other => other.Name == container) == true ? $"spec.ephemeralContainers{{{container}}}" : $"spec.containers{{{container}}}";
    }
}
