using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>The texts of the events about a resize (pkg/kubelet/events/resize.go): what it is, and each container's resources as JSON.</summary>
internal static class ResizeMessages
{
    public static string Started(V1Pod pod) => Message("Pod resize started", pod, pod.Metadata.Generation ?? 0, error: "");

    public static string Completed(V1Pod allocated, long generation) => Message("Pod resize completed", allocated, generation, error: "");

    public static string Pending(V1Pod pod, PendingResize pending) => Message($"Pod resize {pending.Reason}", pod, pending.Generation, pending.Message);

    private static string Message(string what, V1Pod pod, long generation, string error)
    {
        var summary = new JsonObject();
        if (pod.Spec.InitContainers is { Count: > 0 } init) summary["initContainers"] = Summary(init);
        if (pod.Spec.Containers is { Count: > 0 } main) summary["containers"] = Summary(main);
        summary["generation"] = generation;
        if (error.Length > 0) summary["error"] = error;
        return $"{what}: {summary.ToJsonString()}";
    }

    private static JsonArray Summary(IEnumerable<V1Container> containers) => [.. containers.Select(container => new JsonObject
    {
        ["name"] = container.Name,
        ["resources"] = container.Resources is null ? new JsonObject() : JsonNode.Parse(KubernetesJson.Serialize(container.Resources)),
    })];
}
