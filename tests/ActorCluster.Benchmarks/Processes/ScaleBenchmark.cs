using System.Diagnostics;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Host.Client;
using ActorCluster.Host.State;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>A deployment of 1,000 pause pods on 10 nodes of a cluster that has just started, from its creation until the deployment says that all are ready.</summary>
internal sealed class ScaleBenchmark : IBenchmark
{
    private const int Replicas = 1000;
    private const string Cluster = "bench";

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
                var clock = Stopwatch.StartNew();
                await PausePods.DeployAsync(api, "many", Replicas, cancellationToken);
                await PausePods.DeployedAsync(api, "many", Replicas, cancellationToken);
                rates.Add(Replicas / clock.Elapsed.TotalSeconds);
                Console.Error.WriteLine($"  {rates[^1]:N0} pods/s");
            }
            finally
            {
                await program.RunAsync("down", "--name", Cluster);
            }
        }

        return new Measurement(SideBySide.Median([.. rates]), null, "pods/s");
    }
}
