using System.Globalization;
using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Api;

/// <summary>How long an API server takes from its start to its first answer with a large store, against reading the file's rows and doing nothing with them.</summary>
internal sealed class RestartBenchmark : IBenchmark
{
    private const int Pods = 100_000;

    public string Id => "store-restart";
    public string Subject => $"a restart with {Pods:N0} pods in the store, to the first answer";
    public string Yardstick => "reading the rows of the file by SQLite";
    public Bar Bar => Bar.AtMost(3);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-bench-");
        try
        {
            var file = Path.Combine(folder.FullName, "store.db");
            await (await ChildProcess.StartAsync(LargeStore.FillRole, file, Pods.ToString(CultureInfo.InvariantCulture))).DisposeAsync();
            return await SideBySide.MeasureAsync(settings with { Turns = 1 }, "ms", () => TimeAsync(LargeStore.ServeRole, file), () => TimeAsync(LargeStore.ReadRole, file), $"a file of {new FileInfo(file).Length >> 20} MB");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> TimeAsync(string role, string file)
    {
        await using var process = await ChildProcess.StartAsync(role, profiled: false, file);
        return long.Parse(process.ReadyWords[0], CultureInfo.InvariantCulture);
    }
}
