using System.Diagnostics;
using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>`actorcluster up --workers 3` until it returns with all nodes Ready, against the start of one bare ASP.NET process.</summary>
internal sealed class UpBenchmark : IBenchmark
{
    public string Id => "up";
    public string Subject => "`up --workers 3` to all nodes Ready";
    public string Yardstick => "the start of one bare ASP.NET process";
    public Bar Bar => Bar.AtMost(10, "times");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var program = await PublishedProgram.PublishAsync();
        return await SideBySide.MeasureAsync(settings with { Turns = 1 }, "ms", async () =>
        {
            var clock = Stopwatch.StartNew();
            await program.RunAsync("up", "--name", "bench", "--workers", "3");
            var elapsed = clock.Elapsed;
            await program.RunAsync("down", "--name", "bench");
            return elapsed.TotalMilliseconds;
        }, async () =>
        {
            await using var bare = await ChildProcess.StartAsync("bare-aspnet");
            return bare.StartedIn.TotalMilliseconds;
        });
    }
}
