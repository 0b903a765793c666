using System.Net;
using System.Security.Authentication;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Discovery;
using ActorCluster.ApiServer.Proxy;
using ActorCluster.ApiServer.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorCluster.ApiServer.Http;

/// <summary>The Kubernetes API over HTTPS, by Kestrel: what kubectl and every client library talk to.</summary>
public sealed class ApiServerHost : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(2);
    private readonly WebApplication _app;

    private ApiServerHost(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where it listens, e.g. https://127.0.0.1:6443.</summary>
    public Uri Address { get; }

    /// <summary>Starts to listen; requests are served from then on.</summary>
    /// <exception cref="IOException">The address is in use or can't be bound.</exception>
    public static async Task<ApiServerHost> StartAsync(ApiServerOptions options, CancellationToken cancellationToken = default)
    {
        // Empty: neither environment variables nor files of the working folder may change what the server does.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "ActorCluster.ApiServer" });
        builder.Services.AddSingleton(options.Logging);
        builder.Services.AddLogging();
        // Signals are for the process that hosts this server, not for the server.
        builder.Services.AddSingleton<IHostLifetime, HostedLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTime);
        builder.WebHost.UseKestrelCore().UseSockets(sockets =>
        {
            // What a connection does next is done where its last step ended, on a thread of the pool as well, and not handed to another one at each step. It is unsafe for those whose handlers block.
            sockets.UnsafePreferInlineScheduling = true;
            // A connection keeps 4 KB to read into instead of asking first whether there is anything to read, which is one call of the system less for each request.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        }).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The handlers read bodies with their own limit, to answer with a Status.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 128 * 1024;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(options.Address, options.Port, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = options.Certificates.Server,
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                // Whose certificate it is decides the handler, which can say no with a Status.
                ClientCertificateValidation = (_, _, _) => true,
                CheckCertificateRevocation = false,
            }));
        });

        var app = builder.Build();
        var handle = HandlerOf(options, app.Lifetime.ApplicationStopping);
        app.UseWebSockets();
        app.Run(handle);
        await app.StartAsync(cancellationToken);
        return new ApiServerHost(app, BoundTo(app, options.Address));
    }

    /// <summary>What answers the API's requests, for who serves them otherwise than over HTTPS. Who asks is said by the connection's client certificate, or by a token.</summary>
    /// <param name="stopping">Ends the open watches and streams.</param>
    public static RequestDelegate HandlerOf(ApiServerOptions options, CancellationToken stopping)
    {
        var discovery = new DiscoveryDocuments(options.Pipeline.Registry);
        return new RequestHandler(
            new ClientCertificates(options.Certificates.Authority, options.Simulation.Clock),
            new BearerTokens(options.Pipeline.Tokens),
            new DiscoveryHandler(discovery, options.IsReady ?? (() => true)),
            new IssuerHandler(options.Pipeline.Tokens),
            new ResourceHandler(options.Pipeline, stopping),
            new ReviewHandler(options.Pipeline),
            new PodStreamHandler(options.Pipeline, options.Streams, stopping),
            new ProxyHandler(options.Pipeline, options.Streams, stopping),
            new NodeStreamHandler(options.Streams, stopping),
            new RequestMetrics(),
            options.Logging,
            stopping).HandleAsync;
    }

    /// <summary>Stops listening and ends the open watches and streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Begins and ends when its owner says so.</summary>
    private sealed class HostedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static Uri BoundTo(WebApplication app, IPAddress asked)
    {
        var bound = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        // Bound to all addresses, loopback is the one that works from here.
        return asked.Equals(IPAddress.Any) || asked.Equals(IPAddress.IPv6Any) ? new UriBuilder("https", "127.0.0.1", bound.Port).Uri : bound;
    }
}
