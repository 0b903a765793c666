using System.Net.Http.Headers;
using System.Text;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Store.Backends;

namespace ActorCluster.Benchmarks.Api;

/// <summary>ConfigMaps created by 16 clients through TLS, HTTP/2, the whole pipeline and a durable store, against the durable writes alone.</summary>
internal sealed class CreateBenchmark : IBenchmark
{
    private const int Clients = 16;

    public string Id => "api-creates";
    public string Subject => $"creates through the HTTPS API, {Clients} clients, SQLite";
    public string Yardstick => "bare SQLite transactions of the same batches";
    public Bar Bar => Bar.AtLeast(0.5);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-bench-").FullName;
        try
        {
            return await RunAsync(folder, settings, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Measurement> RunAsync(string folder, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var recording = new RecordingBackend(new SqliteBackend(Path.Combine(folder, "store.db")));
        await using var api = await RunningApi.StartAsync(recording, cancellationToken);
        var clients = Enumerable.Range(0, Clients).Select(_ => RunningApi.NewClient(api.Certificates, api.Address)).ToArray();
        var number = 0;
        var result = await SideBySide.MeasureAsync(settings with { Turns = 1 }, "creates/s",
            async () =>
            {
                recording.Batches.Clear();
                return await LoadLoop.RunAsync(Clients, settings.Duration, caller => CreateAsync(clients[caller], Interlocked.Increment(ref number)));
            },
            () => Task.FromResult(BareSqlite.Replay(Path.Combine(folder, "bare.db"), recording.Batches, settings.Duration)));
        foreach (var client in clients) client.Dispose();
        return result with { Note = $"{recording.Batches.Average(batch => batch.Length):0.0} a transaction" };
    }

    private static async Task CreateAsync(HttpClient client, int number)
    {
        var body = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bench-{{{number}}}"},"data":{"key":"value"}}""";
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await client.PostAsync("/api/v1/namespaces/default/configmaps", content);
        answer.EnsureSuccessStatusCode();
    }
}
