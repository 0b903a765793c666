using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>Makes pause pods over a cluster's API, and looks until they are Ready.</summary>
internal static class PausePods
{
    private const string Deployments = "apis/apps/v1/namespaces/default/deployments";
    private const string Pods = "api/v1/namespaces/default/pods";

    /// <summary>How often something is looked at: a watch of the pods would be work for the cluster.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public static async Task DeployAsync(HttpClient api, string name, int replicas, CancellationToken cancellationToken)
    {
        using var created = await api.PostAsJsonAsync(Deployments, JsonNode.Parse($$"""
            {
              "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "{{name}}" },
              "spec": {
                "replicas": {{replicas}}, "selector": { "matchLabels": { "app": "{{name}}" } },
                "template": { "metadata": { "labels": { "app": "{{name}}" } }, "spec": { "containers": [{ "name": "pause", "image": "registry.k8s.io/pause:3.10" }] } }
              }
            }
            """), cancellationToken);
        created.EnsureSuccessStatusCode();
    }

    /// <summary>Returns when all the deployment's replicas are Ready.</summary>
    public static async Task DeployedAsync(HttpClient api, string name, int replicas, CancellationToken cancellationToken)
    {
        while (true)
        {
            var deployment = await api.GetFromJsonAsync<JsonElement>($"{Deployments}/{name}", cancellationToken);
            if (deployment.GetProperty("status").TryGetProperty("readyReplicas", out var ready) && ready.GetInt32() == replicas) return;
            await Task.Delay(Look, cancellationToken);
        }
    }

    /// <summary>Makes one pod by itself.</summary>
    /// <returns>How long it took until it was Ready.</returns>
    public static async Task<TimeSpan> RunOneAsync(HttpClient api, string name, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var created = await api.PostAsJsonAsync(Pods, JsonNode.Parse($$"""
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "{{name}}" }, "spec": { "containers": [{ "name": "pause", "image": "registry.k8s.io/pause:3.10" }] } }
            """), cancellationToken);
        created.EnsureSuccessStatusCode();
        using var answer = await api.GetAsync($"{Pods}?watch=true&fieldSelector=metadata.name%3D{name}", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var events = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await events.ReadLineAsync(cancellationToken) is { } line)
            if (IsReady(JsonNode.Parse(line)!["object"]!)) return clock.Elapsed;
        throw new InvalidOperationException("The API server ended a watch.");
    }

    private static bool IsReady(JsonNode pod) =>
        pod["status"]?["conditions"]?.AsArray().Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True") ?? false;
}
