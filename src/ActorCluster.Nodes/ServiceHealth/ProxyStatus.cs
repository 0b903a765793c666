using System.Globalization;
using System.Net.Mime;
using ActorCluster.Contracts.Runtime;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Nodes.ServiceHealth;

/// <summary>
/// What a node's service proxy tells of itself, where kube-proxy does: at port 10256 of all addresses its health (pkg/proxy/healthcheck/proxy_health.go; load balancers ask
/// there for services with externalTrafficPolicy Cluster, KEP-3458), at port 10249 of localhost its mode (cmd/kube-proxy/app/server.go).
/// </summary>
/// <remarks>The proxy acts on its tables as it gets them: nothing of them waits to be applied, and while it answers it is healthy.</remarks>
internal sealed class ProxyStatus(SimulationContext simulation)
{
    public const ushort HealthPort = 10256;
    public const ushort StatusPort = 10249;

    /// <summary>It is none of kube-proxy's modes.</summary>
    private const string Mode = "actorcluster";

    private volatile bool _isLeaving;

    /// <summary>The node is being deleted, or about to be: load balancers had better take another.</summary>
    public bool IsNodeLeaving
    {
        set => _isLeaving = value;
    }

    public Task AnswerHealthAsync(HttpContext http)
    {
        var eligible = !_isLeaving;
        return http.Request.Path.Value switch
        {
            "/healthz" => WriteAsync(http, eligible ? 200 : 503, MediaTypeNames.Application.Json, Health($",\"nodeEligible\":{(eligible ? "true" : "false")}")),
            "/livez" => WriteAsync(http, 200, MediaTypeNames.Application.Json, Health("")),
            _ => NotFoundAsync(http),
        };
    }

    public static Task AnswerStatusAsync(HttpContext http) => http.Request.Path.Value switch
    {
        "/proxyMode" => WriteAsync(http, 200, "text/plain; charset=utf-8", Mode),
        "/healthz" => WriteAsync(http, 200, "text/plain; charset=utf-8", "ok"),
        _ => NotFoundAsync(http),
    };

    private string Health(string eligible)
    {
        var now = simulation.Clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        return $"{{\"lastUpdated\":\"{now}\",\"currentTime\":\"{now}\"{eligible},\"healthy\":true}}";
    }

    private static Task NotFoundAsync(HttpContext http) => WriteAsync(http, 404, "text/plain; charset=utf-8", "404 page not found\n");

    private static Task WriteAsync(HttpContext http, int status, string contentType, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.WriteAsync(body, http.RequestAborted);
    }
}
