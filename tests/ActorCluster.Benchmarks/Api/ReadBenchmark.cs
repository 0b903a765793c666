using ActorCluster.Benchmarks.Harness;
using ActorCluster.Store.Backends;

namespace ActorCluster.Benchmarks.Api;

/// <summary>What the API server answers from its snapshot, against a server that has the same bytes ready; the client, in the same process, counts on both sides.</summary>
internal sealed class ReadBenchmark(string id, string subject, int pods, int clients, string path) : IBenchmark
{
    public string Id => id;
    public string Subject => subject;
    public string Yardstick => "bare Kestrel that returns the same bytes";
    public Bar Bar => Bar.AtLeast(0.5);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var api = await RunningApi.StartAsync(new MemoryBackend(), cancellationToken);
        await SamplePods.FillAsync(api.Pipeline, api.Store, pods);
        var ours = Clients(api, api.Address);
        var answer = await ours[0].GetByteArrayAsync(path, cancellationToken);
        await using var bare = await BareKestrel.StartAsync(api.Certificates.Server, answer);
        var theirs = Clients(api, bare.Address);
        var result = await SideBySide.MeasureAsync(settings, "answers/s",
            () => LoadLoop.RunAsync(clients, settings.Turn, caller => ReadAsync(ours[caller])),
            () => LoadLoop.RunAsync(clients, settings.Turn, caller => ReadAsync(theirs[caller])));
        foreach (var client in ours.Concat(theirs)) client.Dispose();
        return result with { Note = $"{answer.Length:N0} bytes" };
    }

    private HttpClient[] Clients(RunningApi api, Uri address) => [.. Enumerable.Range(0, clients).Select(_ => RunningApi.NewClient(api.Certificates, address))];

    private async Task ReadAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(Stream.Null);
    }
}
