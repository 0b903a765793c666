using System.Globalization;
using System.Text;
using ActorCluster.Api;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Client;
using ActorCluster.Store.Backends;

namespace ActorCluster.Benchmarks.Api;

/// <summary>
/// What one event costs the server for each watcher: its processor time while events are made one at a time and wait until all have them, less what making them
/// costs without watchers. Each watcher is a client in another process with a connection of its own.
/// </summary>
internal sealed class FanOutBenchmark : IBenchmark
{
    private const int Many = 1_000;
    private const int Few = 10;
    private static readonly ResourceName ConfigMaps = new("", "configmaps");
    private int _made;

    public string Id => "api-watchers";
    public string Subject => $"processor time for an event and watcher, with {Many:N0} watchers of one namespace";
    public string Yardstick => $"with {Few} watchers";
    public Bar Bar => Bar.AtMost(2);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var api = await RunningApi.StartAsync(new MemoryBackend(), cancellationToken);
        foreach (var ns in (string[])["many", "few", "none"]) await SendAsync(api, new ResourceName("", "namespaces"), "", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{ns}}}"}}""");
        await using var many = await WatchersAsync(api, "many", Many);
        await using var few = await WatchersAsync(api, "few", Few);
        // As long as each side takes what the settings say, more or less.
        var (manyEvents, fewEvents) = ((int)(settings.Duration.TotalSeconds * 20), (int)(settings.Duration.TotalSeconds * 1_000));
        return await SideBySide.MeasureAsync(settings with { Turns = 1 }, "us",
            async () => await CostAsync(api, "many", many, manyEvents) / Many,
            async () => await CostAsync(api, "few", few, fewEvents) / Few,
            "the server's alone");
    }

    private static Task<ChildProcess> WatchersAsync(RunningApi api, string ns, int count) => ChildProcess.StartAsync(
        Watchers.Role, new Uri(api.Address, $"/api/v1/namespaces/{ns}/configmaps?watch=true&allowWatchBookmarks=true").ToString(), count.ToString(CultureInfo.InvariantCulture), Watchers.Passed(api.Certificates.Admin), Convert.ToBase64String(api.Certificates.Authority.RawData));

    /// <returns>Microseconds an event.</returns>
    private async Task<double> CostAsync(RunningApi api, string ns, ChildProcess watchers, int events)
    {
        var alone = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < events; i++) await MakeAsync(api, "none");
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < events; i++)
        {
            await MakeAsync(api, ns);
            if (await watchers.Output.ReadLineAsync() is null) throw new InvalidOperationException("The watchers are gone.");
        }
        return (Environment.CpuUsage.TotalTime - before - (before - alone)).TotalMicroseconds / events;
    }

    private Task MakeAsync(RunningApi api, string ns) =>
        SendAsync(api, ConfigMaps, ns, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"event-{{{_made++}}}"},"data":{"key":"{{{new string('x', 1000)}}}"}}""");

    private static async Task SendAsync(RunningApi api, ResourceName resource, string ns, string body)
    {
        var answer = await api.Pipeline.SendAsync(new ApiRequest(ApiVerb.Create, resource, ns, Body: Encoding.UTF8.GetBytes(body)));
        if (!answer.IsSuccess) throw new InvalidOperationException(Encoding.UTF8.GetString(answer.Body.Span));
    }
}
