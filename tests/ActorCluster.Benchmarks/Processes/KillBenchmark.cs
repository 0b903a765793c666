using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>From kill -9 of a worker process until its pods' last replacement is Ready and in the endpoints.</summary>
internal sealed class KillBenchmark : IBenchmark
{
    public string Id => "kill";
    public string Subject => "kill -9 of one of three workers to the last replacement Ready and in the endpoints, `--timing fast`";
    public string Yardstick => "";
    public Bar Bar => Bar.AtMost(3000, "ms");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var outcome = await KillRun.Shared(cancellationToken);
        return new Measurement(
            SideBySide.Median([.. outcome.Kills.Select(kill => kill.Replaced.TotalMilliseconds)]), null, "ms",
            $"the middle one of {outcome.Kills.Count}; the node NotReady after {SideBySide.Median([.. outcome.Kills.Select(kill => kill.Noticed.TotalMilliseconds)]):N0} ms");
    }
}

/// <summary>The requests of the same run: how many failed that began when the API said that the node was lost, or later.</summary>
internal sealed class KillRequestsBenchmark : IBenchmark
{
    public string Id => "kill-requests";
    public string Subject => "requests through the service that fail from the moment that a killed node is NotReady";
    public string Yardstick => "";
    public Bar Bar => Bar.AtMost(0, "requests");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var outcome = await KillRun.Shared(cancellationToken);
        return new Measurement(outcome.Kills.Sum(kill => kill.FailedAfter), null, "requests",
            $"of {outcome.Kills.Sum(kill => kill.Requests)}; {outcome.Kills.Sum(kill => kill.FailedBefore)} more failed in the moments between the deaths and their notice");
    }
}
