using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.TestKit.Api;

/// <summary>The API's HTTP face without connections, for client libraries: ASP.NET Core's TestServer, with the admin's certificate on each request.</summary>
internal sealed class InMemoryApi : IDisposable
{
    private readonly TestCluster _cluster;
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();
    private readonly TestServer _server;
    private readonly X509Certificate2 _identity;

    private InMemoryApi(TestCluster cluster)
    {
        _cluster = cluster;
        _identity = cluster.Inner.AdminCertificate;
        _server = new TestServer(_services);
    }

    public static async Task<InMemoryApi> StartAsync(TestCluster cluster)
    {
        var api = new InMemoryApi(cluster);
        await ((IServer)api._server).StartAsync(new Application(cluster.Inner.Requests), CancellationToken.None);
        return api;
    }

    /// <summary>For KubernetesClient, whose own handler is then left out.</summary>
    public DelegatingHandler CreateHandler() => new Handler(_cluster, _server.CreateHandler(context => context.Connection.ClientCertificate = _identity));

    public void Dispose()
    {
        _server.Dispose();
        _services.Dispose();
    }

    private sealed class Application(RequestDelegate handle) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // Nothing is kept of it.
        }
    }

    /// <summary>A request is something that the test waits for; a watch or a followed log is not, or time would never stand still while somebody watches.</summary>
    private sealed class Handler : DelegatingHandler
    {
        private readonly TestCluster _cluster;
        private readonly HttpMessageInvoker _api;

        public Handler(TestCluster cluster, HttpMessageHandler api) => (_cluster, _api) = (cluster, new HttpMessageInvoker(api));

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var query = request.RequestUri!.Query;
            if (IsOn(query, "watch") || IsOn(query, "follow")) return _api.SendAsync(request, cancellationToken);
            return _cluster.RunAsync(async () =>
            {
                var response = await _api.SendAsync(request, cancellationToken);
                await response.Content.LoadIntoBufferAsync(cancellationToken);
                return response;
            });
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _api.Dispose();
            base.Dispose(disposing);
        }

        private static bool IsOn(string query, string name) => query.Contains($"{name}=true", StringComparison.OrdinalIgnoreCase) || query.Contains($"{name}=1", StringComparison.Ordinal);
    }
}
