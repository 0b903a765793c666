using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Http;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorCluster.Benchmarks.Api;

/// <summary>ConfigMaps created by 16 clients through TLS, HTTP/2, the whole pipeline and a durable store, against the durable writes alone.</summary>
internal sealed class CreateBenchmark : IBenchmark
{
    private const int Clients = 16;

    public string Id => "api-creates";
    public string Subject => $"creates through the HTTPS API, {Clients} clients, SQLite";
    public string Yardstick => "bare SQLite transactions of the same batches";
    public Bar Bar => Bar.AtLeast(0.2);

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
        var simulation = SimulationContext.RealTime(1);
        var recording = new RecordingBackend(new SqliteBackend(Path.Combine(folder, "store.db")));
        await using var store = await ObjectStore.OpenAsync(recording, simulation, cancellationToken: cancellationToken);
        var pipeline = new ApiPipeline(store, ResourceRegistry.BuiltIn(), simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(pipeline, cancellationToken);
        using var certificates = ClusterCertificates.CreateInMemory(simulation.Clock);
        await using var server = await ApiServerHost.StartAsync(
            new ApiServerOptions { Pipeline = pipeline, Certificates = certificates, Streams = new NoStreams(), Simulation = simulation, Logging = NullLoggerFactory.Instance }, cancellationToken);
        var clients = Enumerable.Range(0, Clients).Select(_ => NewClient(certificates, server.Address)).ToArray();
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

    private static HttpClient NewClient(ClusterCertificates certificates, Uri address) =>
        new(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificates.Admin],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificates.Authority }, RevocationMode = X509RevocationMode.NoCheck },
            },
        })
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    private static async Task CreateAsync(HttpClient client, int number)
    {
        var body = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bench-{{{number}}}"},"data":{"key":"value"}}""";
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await client.PostAsync("/api/v1/namespaces/default/configmaps", content);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>There are no containers here.</summary>
    private sealed class NoStreams : IContainerStreamConnector
    {
        public Task<IContainerStream> OpenAsync(string nodeName, ContainerStreamRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
