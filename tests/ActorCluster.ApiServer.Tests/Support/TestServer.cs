using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorCluster.ApiServer.Tests.Support;

/// <summary>The HTTPS face over a <see cref="TestApi"/>, on a free port of loopback.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly ApiServerHost _host;

    private TestServer(TestApi api, ClusterCertificates certificates, ApiServerHost host)
    {
        Api = api;
        Certificates = certificates;
        _host = host;
        Client = NewClient(certificates.Admin);
    }

    public TestApi Api { get; }

    public ClusterCertificates Certificates { get; }

    public Uri Address => _host.Address;

    /// <summary>A client with the admin's certificate.</summary>
    public HttpClient Client { get; }

    public static async Task<TestServer> StartAsync(IContainerStreamConnector? streams = null)
    {
        var api = await TestApi.StartAsync();
        // Certificates are good on the machine's clock, which TLS goes by, and on the test's.
        var certificates = ClusterCertificates.CreateInMemory(TimeProvider.System);
        api.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        var host = await ApiServerHost.StartAsync(new ApiServerOptions
        {
            Pipeline = api.Pipeline,
            Certificates = certificates,
            Streams = streams ?? new ScriptedStreams(),
            Simulation = api.Simulation,
            Logging = NullLoggerFactory.Instance,
        });
        return new TestServer(api, certificates, host);
    }

    public HttpClient NewClient(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, _) => server is not null && Trusts(new X509Certificate2(server));
        if (certificate is not null) handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler) { BaseAddress = Address };
    }

    public bool Trusts(X509Certificate2 server)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificates.Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(server);
    }

    public async Task<JsonObject> JsonAsync(string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Client.SendAsync(request);
        return (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }
        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
        Certificates.Dispose();
        await Api.DisposeAsync();
    }
}
