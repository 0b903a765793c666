using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Host.Client;
using ActorCluster.Host.State;

namespace ActorCluster.Benchmarks.Processes;

/// <param name="Noticed">From the kill until the API says that the node isn't Ready.</param>
/// <param name="Replaced">From the kill until as many pods as before are Ready and in the endpoints, all on other nodes.</param>
/// <param name="Lost">How many of the pods were on the node.</param>
/// <param name="FailedAfter">Requests that began when the node was noticed or later, and failed.</param>
internal sealed record KillOutcome(TimeSpan Noticed, TimeSpan Replaced, int Lost, int Requests, int FailedBefore, int FailedAfter);

/// <summary>Kills worker processes of a real cluster one after the other, each brought back before the next, while requests go through a service's node port.</summary>
internal sealed record KillRun(IReadOnlyList<KillOutcome> Kills)
{
    private const int Count = 20;
    private const int Replicas = 6;
    private const string Cluster = "bench";
    private static Task<KillRun>? _shared;

    /// <summary>One run serves all benchmarks that read it.</summary>
    public static Task<KillRun> Shared(CancellationToken cancellationToken) => _shared ??= RunAsync(cancellationToken);

    private static async Task<KillRun> RunAsync(CancellationToken cancellationToken)
    {
        await using var program = await PublishedProgram.PublishAsync();
        await program.RunAsync("up", "--name", Cluster, "--workers", "3");
        try
        {
            var folder = new StateRoot(program.Home).Cluster(Cluster);
            using var api = KubeconfigClient.Create(folder.Kubeconfig);
            await DeployAsync(api, cancellationToken);
            await using var view = WorkloadView.Start(folder.Kubeconfig, "web");
            await view.UntilAsync(seen => seen.ReadyPods.Count == Replicas && seen.ReadyEndpoints.Count == Replicas, cancellationToken);
            var outcomes = new List<KillOutcome>();
            for (var kill = 0; kill < Count; kill++)
            {
                outcomes.Add(await KillOneAsync(program, folder, view, cancellationToken));
                Console.Error.WriteLine($"  {outcomes[^1]}");
            }

            return new KillRun(outcomes);
        }
        finally
        {
            await program.RunAsync("down", "--name", Cluster);
        }
    }

    private static async Task<KillOutcome> KillOneAsync(PublishedProgram program, ClusterFolder folder, WorkloadView view, CancellationToken cancellationToken)
    {
        var victim = view.Current.ReadyPods.Values.CountBy(node => node).OrderByDescending(node => node.Value).ThenBy(node => node.Key, StringComparer.Ordinal).First().Key;
        var survivor = folder.ReadCluster()!.Processes.SelectMany(process => process.Nodes).First(node => node != victim);
        await using var load = ServiceLoad.Start(new Uri($"http://{folder.ReadSockets(survivor).Single(socket => socket.Service == "default/web").Address}/"));
        await load.UntilAsync(requests: 50, cancellationToken);
        var lost = view.Current.ReadyPods.Values.Count(node => node == victim);
        var killed = Stopwatch.GetTimestamp();
        folder.ReadProcess(victim)!.Identity.Kill();
        var noticed = await view.UntilAsync(seen => !seen.ReadyNodes.Contains(victim), cancellationToken);
        var replaced = await view.UntilAsync(
            seen => seen.ReadyPods.Values.Count(node => node != victim) == Replicas && seen.ReadyEndpoints.Count == Replicas && !seen.ReadyEndpoints.ContainsValue(victim), cancellationToken);
        await load.UntilAsync(requests: 50, cancellationToken);
        var requests = await load.EndAsync();
        foreach (var failed in requests.Where(request => request.Fault is not null).OrderBy(request => request.Began))
            Console.Error.WriteLine($"    failed: {Stopwatch.GetElapsedTime(killed, failed.Began).TotalMilliseconds:N0} ms after the kill, in {failed.Took.TotalMilliseconds:N0} ms: {failed.Fault}");
        await program.RunAsync("node", "start", victim, "--name", Cluster);
        await view.UntilAsync(seen => seen.ReadyNodes.Contains(victim) && seen.Pods == Replicas, cancellationToken);
        return new KillOutcome(
            Stopwatch.GetElapsedTime(killed, noticed), Stopwatch.GetElapsedTime(killed, replaced), lost, requests.Count,
            requests.Count(request => request.Fault is not null && request.Began < noticed), requests.Count(request => request.Fault is not null && request.Began >= noticed));
    }

    private static async Task DeployAsync(HttpClient api, CancellationToken cancellationToken)
    {
        await PostAsync("apis/apps/v1/namespaces/default/deployments", $$"""
            {
              "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" },
              "spec": {
                "replicas": {{Replicas}}, "selector": { "matchLabels": { "app": "web" } },
                "template": { "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "nginx", "image": "nginx", "readinessProbe": { "httpGet": { "port": 80 }, "periodSeconds": 1 } }] } }
              }
            }
            """);
        await PostAsync("api/v1/namespaces/default/services", """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"type":"NodePort","selector":{"app":"web"},"ports":[{"port":80}]}}
            """);

        async Task PostAsync(string path, string json)
        {
            using var answer = await api.PostAsJsonAsync(path, JsonNode.Parse(json), cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }
}
