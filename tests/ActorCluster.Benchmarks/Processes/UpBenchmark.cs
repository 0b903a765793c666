using System.Diagnostics;
using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Processes;

/// <summary>`actorcluster up --workers 3` until it returns with all nodes Ready, against the start of one bare ASP.NET process.</summary>
internal sealed class UpBenchmark : IBenchmark
{
    public string Id => "up";
    public string Subject => "`up --workers 3` to all nodes Ready";
    public string Yardstick => "the start of one bare ASP.NET process";
    public Bar Bar => Bar.AtMost(15, "times");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var home = Directory.CreateTempSubdirectory("actorcluster-bench-").FullName;
        try
        {
            return await SideBySide.MeasureAsync(settings, "ms", async () =>
            {
                var clock = Stopwatch.StartNew();
                await RunCliAsync(home, "up", "--name", "bench", "--workers", "3");
                var elapsed = clock.Elapsed;
                await RunCliAsync(home, "down", "--name", "bench");
                return elapsed.TotalMilliseconds;
            }, async () =>
            {
                await using var bare = await ChildProcess.StartAsync("bare-aspnet");
                return bare.StartedIn.TotalMilliseconds;
            });
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private static async Task RunCliAsync(string home, params string[] arguments)
    {
        var cli = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "actorcluster.exe" : "actorcluster");
        var start = new ProcessStartInfo(cli, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ACTORCLUSTER_HOME"] = home;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"actorcluster {arguments[0]} failed:\n{await output}{await errors}");
    }
}
