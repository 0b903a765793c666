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
            var cli = await PublishAsync(Path.Combine(home, "published"));
            return await SideBySide.MeasureAsync(settings with { Turns = 1 }, "ms", async () =>
            {
                var clock = Stopwatch.StartNew();
                await RunAsync(cli, home, "up", "--name", "bench", "--workers", "3");
                var elapsed = clock.Elapsed;
                await RunAsync(cli, home, "down", "--name", "bench");
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

    /// <summary>The program as users have it: published, compiled ahead of time.</summary>
    private static async Task<string> PublishAsync(string folder)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "ActorCluster.sln")))
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The benchmark must run inside the repository: it publishes the program that it measures.");
        await RunAsync("dotnet", folder, "publish", Path.Combine(root, "src", "ActorCluster.Cli"), "-c", "Release", "-o", folder);
        return Path.Combine(folder, OperatingSystem.IsWindows() ? "actorcluster.exe" : "actorcluster");
    }

    private static async Task RunAsync(string program, string home, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ACTORCLUSTER_HOME"] = home;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {arguments[0]} failed:\n{await output}{await errors}");
    }
}
