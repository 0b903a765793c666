using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Host.Client;
using ActorCluster.Host.State;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>A deployment of 1,000 pause pods on 10 nodes of a cluster that has just started, from its creation until the deployment says that all are ready.</summary>
internal sealed class ScaleBenchmark : IBenchmark
{
    private const int Replicas = 1000;
    private const string Cluster = "bench";
    private const string Deployments = "apis/apps/v1/namespaces/default/deployments";

    /// <summary>How often the deployment is looked at: a watch of its pods would be work for the cluster.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public string Id => "scale";
    public string Subject => "a deployment of 1,000 pods on 10 nodes in two worker processes, just started, to all Ready";
    public string Yardstick => "";
    public Bar Bar => new(BarKind.AtLeast, 300, "pods/s");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var program = await PublishedProgram.PublishAsync();
        var rates = new List<double>();
        for (var round = 0; round < settings.Rounds; round++)
        {
            await program.RunAsync("up", "--name", Cluster, "--workers", "2", "--nodes-per-worker", "5");
            try
            {
                using var api = KubeconfigClient.Create(new StateRoot(program.Home).Cluster(Cluster).Kubeconfig);
                rates.Add(Replicas / (await ScaleAsync(api, cancellationToken)).TotalSeconds);
                Console.Error.WriteLine($"  {rates[^1]:N0} pods/s");
            }
            finally
            {
                await program.RunAsync("down", "--name", Cluster);
            }
        }

        return new Measurement(SideBySide.Median([.. rates]), null, "pods/s");
    }

    private static async Task<TimeSpan> ScaleAsync(HttpClient api, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var created = await api.PostAsJsonAsync(Deployments, JsonNode.Parse($$"""
            {
              "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "many" },
              "spec": {
                "replicas": {{Replicas}}, "selector": { "matchLabels": { "app": "many" } },
                "template": { "metadata": { "labels": { "app": "many" } }, "spec": { "containers": [{ "name": "pause", "image": "registry.k8s.io/pause:3.10" }] } }
              }
            }
            """), cancellationToken);
        created.EnsureSuccessStatusCode();
        while (true)
        {
            var deployment = await api.GetFromJsonAsync<JsonElement>($"{Deployments}/many", cancellationToken);
            if (deployment.GetProperty("status").TryGetProperty("readyReplicas", out var ready) && ready.GetInt32() == Replicas) return clock.Elapsed;
            await Task.Delay(Look, cancellationToken);
        }
    }
}
