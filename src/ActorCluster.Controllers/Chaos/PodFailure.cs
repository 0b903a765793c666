using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorCluster.Controllers.Chaos;

/// <summary>
/// Makes a pod fail: its containers run an image that does nothing, and the pod remembers in annotations what they ran (controllers/chaosimpl/podchaos/podfailure
/// and pkg/annotation of Chaos Mesh). Pure: patches.
/// </summary>
internal static class PodFailure
{
    public const string PauseImage = "registry.k8s.io/pause:3.10";

    /// <summary>Names of annotations have 63 characters at most.</summary>
    private const int MostName = 63;

    /// <returns>A strategic merge patch; null: there is nothing to do.</returns>
    public static JsonObject? Inject(V1Pod pod, string experiment) => Patch(pod, experiment, (container, key) =>
        pod.Metadata.Annotations?.ContainsKey(key) == true ? null : (PauseImage, container.Image));

    /// <returns>A strategic merge patch; null: there is nothing to do.</returns>
    public static JsonObject? Recover(V1Pod pod, string experiment) => Patch(pod, experiment, (_, key) =>
        pod.Metadata.Annotations?.TryGetValue(key, out var image) == true ? (image, null) : null);

    /// <param name="change">A container's next image and what its annotation then says (null: it goes); null: nothing changes.</param>
    private static JsonObject? Patch(V1Pod pod, string experiment, Func<V1Container, string, (string Image, string? Note)?> change)
    {
        var (annotations, spec) = (new JsonObject(), new JsonObject());
        foreach (var (field, containers, kind) in ((string, IList<V1Container>?, string)[])[("containers", pod.Spec.Containers, "normal"), ("initContainers", pod.Spec.InitContainers, "init")])
        {
            foreach (var container in containers ?? [])
            {
                var key = KeyOf(experiment, $"{container.Name}-{kind}");
                if (change(container, key) is not { } changed) continue;
                annotations[key] = changed.Note;
                if (spec[field] is not JsonArray list) spec[field] = list = [];
                list.Add(new JsonObject { ["name"] = container.Name, ["image"] = changed.Image });
            }
        }
        return spec.Count == 0 ? null : new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations }, ["spec"] = spec };
    }

    private static string KeyOf(string experiment, string container) => $"chaos-mesh-{experiment}-pod-failure-{container}-image" is { Length: <= MostName } key ? key : container;
}
