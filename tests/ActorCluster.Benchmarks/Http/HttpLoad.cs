using ActorCluster.Benchmarks.Harness;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Benchmarks.Http;

/// <summary>The load that both sides get: GETs of a small page over a fixed number of kept-alive connections.</summary>
internal static class HttpLoad
{
    /// <summary>As many bytes as nginx's welcome page has.</summary>
    public static readonly byte[] Page = Enumerable.Repeat((byte)'x', 615).ToArray();

    /// <summary>What both servers do.</summary>
    public static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentLength = Page.Length;
        return context.Response.Body.WriteAsync(Page).AsTask();
    }

    /// <returns>Requests a second.</returns>
    public static async Task<double> RunAsync(HttpMessageInvoker client, Uri target, int connections, TimeSpan duration)
    {
        var buffers = Enumerable.Range(0, connections).Select(_ => new byte[Page.Length]).ToArray();
        return await LoadLoop.RunAsync(connections, duration, async caller =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            using var response = await client.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(buffers[caller]);
        });
    }

    public static SocketsHttpHandler NewHandler(int connections) => new()
    {
        MaxConnectionsPerServer = connections,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    };
}
