using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorCluster.Dashboard;

/// <summary>
/// A read-only web page on loopback: the cluster's nodes, pods and services. It knows the cluster as any outsider does, by HTTP, and shows the browser
/// nothing of the credentials it uses.
/// </summary>
public sealed class DashboardServer : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly WebApplication _application;

    private DashboardServer(WebApplication application, Uri address)
    {
        _application = application;
        Address = address;
    }

    /// <summary>Where the page is.</summary>
    public Uri Address { get; }

    /// <param name="api">Has the API server's address as its base, and credentials. Not disposed here.</param>
    /// <param name="name">The cluster's, for the page.</param>
    /// <param name="places">Where the services are reached from this machine, which the API doesn't know.</param>
    /// <param name="port">On 127.0.0.1; 0 for a free one.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<DashboardServer> StartAsync(
        HttpClient api, string name, Func<CancellationToken, Task<IReadOnlyList<ServicePlace>>> places, int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var application = builder.Build();
        application.Use(RefuseOtherHostsAsync);
        application.MapGet("/", () => Results.Text(Page("index.html"), "text/html; charset=utf-8"));
        application.MapGet("/page.css", () => Results.Text(Page("page.css"), "text/css; charset=utf-8"));
        application.MapGet("/page.js", () => Results.Text(Page("page.js"), "text/javascript; charset=utf-8"));
        application.MapGet("/view", async (CancellationToken aborted) => Results.Json(await ReadAsync(api, name, places, aborted), Json));
        await application.StartAsync(cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new DashboardServer(application, new Uri(address));
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    /// <summary>A page elsewhere whose host name was made to point at loopback must not read the cluster through the user's browser.</summary>
    private static Task RefuseOtherHostsAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Host.Host is "127.0.0.1" or "localhost")
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
            context.Response.Headers.CacheControl = "no-store";
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return Task.CompletedTask;
    }

    private static async Task<ClusterView> ReadAsync(
        HttpClient api, string name, Func<CancellationToken, Task<IReadOnlyList<ServicePlace>>> places, CancellationToken cancellationToken)
    {
        try
        {
            var lists = await Task.WhenAll(
                ReadListAsync(api, "api/v1/nodes", cancellationToken),
                ReadListAsync(api, "api/v1/pods", cancellationToken),
                ReadListAsync(api, "api/v1/services", cancellationToken));
            return ClusterViewReader.Read(name, lists[0], lists[1], lists[2], await places(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return ClusterView.Unavailable(name, $"The API server does not answer: {e.Message}");
        }
    }

    private static async Task<JsonElement> ReadListAsync(HttpClient api, string path, CancellationToken cancellationToken)
    {
        await using var body = await api.GetStreamAsync(path, cancellationToken);
        using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return document.RootElement.Clone();
    }

    private static string Page(string name)
    {
        using var stream = typeof(DashboardServer).Assembly.GetManifestResourceStream($"ActorCluster.Dashboard.Page.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
