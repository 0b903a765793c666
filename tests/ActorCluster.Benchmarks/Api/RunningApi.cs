using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorCluster.Benchmarks.Api;

/// <summary>An API server over HTTPS with a store of its own, as the control plane has it, and nobody else at work beside it.</summary>
internal sealed class RunningApi : IAsyncDisposable
{
    private readonly ApiServerHost _server;

    private RunningApi(ObjectStore store, ApiPipeline pipeline, ClusterCertificates certificates, ApiServerHost server)
    {
        Store = store;
        Pipeline = pipeline;
        Certificates = certificates;
        _server = server;
    }

    public ObjectStore Store { get; }

    public ApiPipeline Pipeline { get; }

    public ClusterCertificates Certificates { get; }

    public Uri Address => _server.Address;

    /// <summary>There are no containers here.</summary>
    public static IContainerStreamConnector Streams { get; } = new NoStreams();

    /// <param name="backend">Disposed of with the server.</param>
    public static async Task<RunningApi> StartAsync(IStorageBackend backend, CancellationToken cancellationToken)
    {
        var simulation = SimulationContext.RealTime(1);
        var opening = ObjectStore.OpenAsync(backend, simulation, cancellationToken: cancellationToken);
        var registry = ResourceRegistry.BuiltIn();
        var store = await opening;
        var pipeline = new ApiPipeline(store, registry, simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(pipeline, cancellationToken);
        var certificates = ClusterCertificates.CreateInMemory(simulation.Clock);
        var server = await ApiServerHost.StartAsync(
            new ApiServerOptions { Pipeline = pipeline, Certificates = certificates, Streams = Streams, Simulation = simulation, Logging = NullLoggerFactory.Instance }, cancellationToken);
        return new RunningApi(store, pipeline, certificates, server);
    }

    /// <summary>A client with connections of its own, over HTTP/2 as client-go has it.</summary>
    public static HttpClient NewClient(ClusterCertificates certificates, Uri address) => NewClient(certificates.Admin, certificates.Authority, address);

    /// <inheritdoc cref="NewClient(ClusterCertificates, Uri)"/>
    public static HttpClient NewClient(X509Certificate2 own, X509Certificate2 authority, Uri address) =>
        new(new SocketsHttpHandler
        {
            UseProxy = false,
            // Else the window grows from 64 KB by measuring round trips, with each side of a comparison at another pace.
            InitialHttp2StreamWindowSize = 1 << 20,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [own],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
            },
        })
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Certificates.Dispose();
        await Store.DisposeAsync();
    }

    private sealed class NoStreams : IContainerStreamConnector
    {
        public Task<IContainerStream> OpenAsync(string nodeName, ContainerStreamRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
