using System.Text.Json.Nodes;
using ActorCluster.Controllers.Objects;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>
/// A pod template as a ControllerRevision keeps it: the strategic merge patch that brings it back, which `kubectl rollout undo` sends as it is
/// (getPatch in pkg/controller/daemon/update.go and pkg/controller/statefulset/stateful_set_utils.go). Pure.
/// </summary>
internal static class TemplateRevision
{
    /// <summary>The label with the hash of the template, on pods and on a DaemonSet's revisions (ControllerRevisionHashLabelKey).</summary>
    public const string HashLabel = "controller-revision-hash";

    /// <remarks>Keys are sorted: clients compare revisions with templates byte by byte, as Go's encoder writes maps.</remarks>
    public static JsonObject PatchOf(V1PodTemplateSpec template) => JsonNode.Parse(TextOf(template))!.AsObject();

    /// <summary>Whether the revision holds this template.</summary>
    public static bool Holds(V1ControllerRevision revision, V1PodTemplateSpec template) => CanonicalJson.Of(revision.Data) == TextOf(template);

    /// <summary>The template in the revision.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static V1PodTemplateSpec TemplateIn(V1ControllerRevision revision)
    {
        if (revision.Data is null || JsonNode.Parse(KubernetesJson.Serialize(revision.Data))?["spec"]?["template"] is not JsonObject template)
            throw new FormatException($"controller revision {revision.Metadata.NamespaceProperty}/{revision.Metadata.Name} holds no pod template");
        template.Remove("$patch");
        return KubernetesJson.Deserialize<V1PodTemplateSpec>(template.ToJsonString());
    }

    /// <summary>The hash that marks the pods of this revision, if it is a DaemonSet's.</summary>
    public static string HashOf(V1ControllerRevision revision) => Label(revision.Metadata.Labels);

    /// <summary>The hash that a pod is marked with; "" if with none.</summary>
    public static string HashOf(V1Pod pod) => Label(pod.Metadata.Labels);

    public static Dictionary<string, string> WithHash(IDictionary<string, string>? labels, string hash) =>
        new(labels ?? new Dictionary<string, string>()) { [HashLabel] = hash };

    private static string TextOf(V1PodTemplateSpec template)
    {
        var replaced = JsonNode.Parse(KubernetesJson.Serialize(template))!.AsObject();
        replaced["$patch"] = "replace";
        return CanonicalJson.Of(new JsonObject { ["spec"] = new JsonObject { ["template"] = replaced } });
    }

    private static string Label(IDictionary<string, string>? labels) => labels is not null && labels.TryGetValue(HashLabel, out var hash) ? hash : "";
}
