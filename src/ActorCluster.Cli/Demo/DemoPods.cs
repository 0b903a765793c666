using System.Net.Http.Json;
using System.Text.Json;

namespace ActorCluster.Cli.Demo;

/// <param name="Ready">Its Ready condition is True and it is not being deleted.</param>
internal sealed record DemoPod(string Name, string App, string Address, string Node, bool Ready);

/// <summary>What the demonstration checks for itself, whatever client it shows: read over plain HTTP.</summary>
internal sealed class DemoPods(HttpClient api)
{
    public async Task<IReadOnlyList<DemoPod>> ReadAsync(CancellationToken cancellationToken)
    {
        var list = await api.GetFromJsonAsync<JsonElement>("api/v1/namespaces/default/pods", cancellationToken);
        return [.. list.GetProperty("items").EnumerateArray().Select(Read)];
    }

    private static DemoPod Read(JsonElement pod)
    {
        var metadata = pod.GetProperty("metadata");
        var status = pod.GetProperty("status");
        var ready = status.TryGetProperty("conditions", out var conditions)
            && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True");
        return new DemoPod(
            metadata.GetProperty("name").GetString()!,
            metadata.TryGetProperty("labels", out var labels) ? Text(labels, "app") : "",
            Text(status, "podIP"),
            Text(pod.GetProperty("spec"), "nodeName"),
            ready && !metadata.TryGetProperty("deletionTimestamp", out _));
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
