using System.Globalization;
using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Api;

/// <summary>What a pod in the API server's store costs beyond its JSON: keys, labels, indexes, and the history for watches, which holds what it was before.</summary>
internal sealed class StoreMemoryBenchmark : IBenchmark
{
    private const int Pods = 100_000;

    public string Id => "store-memory";
    public string Subject => $"memory of a pod in the store above its JSON, {Pods:N0} of them, each written twice within five minutes";
    public string Yardstick => "";
    public Bar Bar => Bar.AtMost(8, "KB");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-bench-");
        try
        {
            await using var filled = await ChildProcess.StartAsync(LargeStore.FillRole, Path.Combine(folder.FullName, "store.db"), Pods.ToString(CultureInfo.InvariantCulture));
            var (resident, managed, json) = (Number(filled, 0), Number(filled, 1), Number(filled, 2));
            return new Measurement(Each(resident - json), null, "KB", $"{Each(managed - json):0.0} KB of it managed; the JSON has {Each(json):0.0} KB");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Each(long bytes) => bytes / 1024.0 / Pods;

    private static long Number(ChildProcess process, int word) => long.Parse(process.ReadyWords[word], CultureInfo.InvariantCulture);
}
