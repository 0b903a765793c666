using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.ApiServer.Streams;

/// <summary>Which container of a pod a request means (pkg/registry/core/pod/strategy.go, validateContainer).</summary>
internal static class PodContainers
{
    private static readonly string[] Lists = ["initContainers", "containers", "ephemeralContainers"];

    /// <exception cref="StatusException">400: none is named and there are several, or there is none of that name.</exception>
    public static string Choose(JsonObject pod, string? asked)
    {
        var name = pod.TextAt("metadata", "name");
        var spec = pod.GetObject("spec");
        string[] all = [.. Lists.SelectMany(list => spec.GetObjects(list)).Select(c => c.GetString("name") ?? "")];
        if (string.IsNullOrEmpty(asked))
        {
            var containers = spec.GetObjects("containers").ToList();
            if (containers.Count == 1) return containers[0].GetString("name")!;
            throw StatusException.BadRequest($"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', all)}]");
        }
        return all.Contains(asked) ? asked : throw StatusException.BadRequest($"container {asked} is not valid for pod {name}");
    }
}
