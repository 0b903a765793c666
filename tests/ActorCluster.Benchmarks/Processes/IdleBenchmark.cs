using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>What a cluster takes while nobody uses it.</summary>
internal sealed class IdleMemoryBenchmark : IBenchmark
{
    public string Id => "idle-memory";
    public string Subject => "memory of the four idle processes of `up --workers 3`, five minutes later";
    public string Yardstick => "";
    public Bar Bar => Bar.AtMost(500, "MB");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken) =>
        new((await IdleRun.Shared(cancellationToken)).Memory / 1e6, null, "MB");
}

/// <summary>The processor time of the same, in percent of one core.</summary>
internal sealed class IdleProcessorBenchmark : IBenchmark
{
    public string Id => "idle-processor";
    public string Subject => "processor time of these";
    public string Yardstick => "";
    public Bar Bar => Bar.AtMost(3, "% of a core");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken) =>
        new((await IdleRun.Shared(cancellationToken)).Processor * 100, null, "% of a core");
}
