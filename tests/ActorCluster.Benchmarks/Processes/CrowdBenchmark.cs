using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>What the processes of a cluster of 1,000 nodes and 100,000 pods take together.</summary>
internal sealed class CrowdMemoryBenchmark : IBenchmark
{
    public string Id => "crowd-memory";
    public string Subject => "memory of all processes, 100,000 pods on 1,000 nodes in 4 worker processes";
    public string Yardstick => "";
    public Bar Bar => Bar.AtMost(8, "GB");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var run = await CrowdRun.Shared(cancellationToken);
        return new Measurement(run.Memory / 1e9, null, "GB", $"all Ready at {run.PodsPerSecond:N0} pods a second");
    }
}

/// <summary>One more pod in that cluster, against one more in the same cluster with 100.</summary>
internal sealed class CrowdPodBenchmark : IBenchmark
{
    public string Id => "crowd-pod";
    public string Subject => "time of one more pod to Ready there";
    public string Yardstick => "with 100 pods";
    public Bar Bar => Bar.AtMost(1.5, "times");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var run = await CrowdRun.Shared(cancellationToken);
        return new Measurement(run.AmongMany.TotalMilliseconds, run.AmongFew.TotalMilliseconds, "ms") { Ratio = run.AmongMany / run.AmongFew };
    }
}
