using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Benchmarks.Http;

namespace ActorCluster.Benchmarks.Api;

/// <summary>ConfigMaps created by 16 clients through TLS, HTTP/2, the whole pipeline and a durable store, against the durable writes alone.</summary>
/// <remarks>
/// The server is a process of its own with a control plane's runtime settings, and writes the yardstick's rows as well: the same JSON in transactions as large as those that
/// the server made in the turn before, with the same durability, in a file beside the store's. The clients have a connection each and one thread of this process (<see cref="Http2Posts"/>): they share the
/// machine with the server and count against it. Before anything is measured the server answers enough requests for all of its code to be compiled as well as it gets, which takes longer than a turn.
/// </remarks>
internal sealed class CreateBenchmark : IBenchmark
{
    private const int Clients = 16;
    private const string Path = "/api/v1/namespaces/default/configmaps";
    private const int WarmUpRequests = 200_000;
    private int _number;

    public string Id => "api-creates";
    public string Subject => $"creates through the HTTPS API, {Clients} clients, SQLite";
    public string Yardstick => "bare SQLite transactions of the same batches";
    public Bar Bar => Bar.AtLeast(0.5);

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-bench-").FullName;
        try
        {
            await using var server = await ChildProcess.StartAsync(CreateServer.Role, profiled: false, folder);
            return await RunAsync(server, settings);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Measurement> RunAsync(ChildProcess server, BenchmarkSettings settings)
    {
        using var own = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(server.ReadyWords[1]), null);
        using var authority = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(server.ReadyWords[2]));
        var clients = Enumerable.Range(0, Clients).Select(_ => Http2Posts.Connect(new Uri(server.ReadyWords[0]), Path, own, authority)).ToArray();
        while (_number < WarmUpRequests) await Http2Posts.RunAsync(clients, TimeSpan.FromSeconds(1), NextBody, HttpStatusCode.Created);
        var (perTransaction, costs) = (0.0, "");
        var result = await SideBySide.MeasureAsync(settings with { Turns = 1 }, "creates/s",
            async () =>
            {
                await AskAsync(server, CreateServer.Record);
                var (first, serverTime, clientTime) = (_number, server.ProcessorTime, Environment.CpuUsage.TotalTime);
                var rate = await Http2Posts.RunAsync(clients, settings.Duration, NextBody, HttpStatusCode.Created);
                var creates = _number - first;
                costs = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(server.ProcessorTime - serverTime).TotalMicroseconds / creates:0} us of processor time each, the client's {(Environment.CpuUsage.TotalTime - clientTime).TotalMicroseconds / creates:0}");
                return rate;
            },
            async () =>
            {
                var answer = await AskAsync(server, string.Create(CultureInfo.InvariantCulture, $"{CreateServer.Replay} {settings.Duration.TotalMilliseconds:0}"));
                perTransaction = double.Parse(answer[1], CultureInfo.InvariantCulture);
                return double.Parse(answer[0], CultureInfo.InvariantCulture);
            },
            processorTime: () => Environment.CpuUsage.TotalTime + server.ProcessorTime);
        foreach (var client in clients) client.Dispose();
        return result with { Note = string.Create(CultureInfo.InvariantCulture, $"{perTransaction:0.0} a transaction, {costs}") };
    }

    private static async Task<string[]> AskAsync(ChildProcess server, string line)
    {
        await server.Input.WriteLineAsync(line);
        await server.Input.FlushAsync();
        return (await server.Output.ReadLineAsync() ?? throw new InvalidOperationException("The server is gone.")).Split(' ');
    }

    private byte[] NextBody() => Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bench-{{{++_number}}}"},"data":{"key":"value"}}""");
}
