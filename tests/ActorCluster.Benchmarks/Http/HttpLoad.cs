using ActorCluster.Benchmarks.Harness;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Benchmarks.Http;

/// <summary>The load that both sides get: GETs of a page over a number of connections at a time.</summary>
/// <param name="Path">Which page.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="Connections">Requests under way at a time, each on a connection of its own.</param>
/// <param name="KeepAlive">False: each request gets a new connection.</param>
internal sealed record HttpLoad(string Path, int Bytes, int Connections, bool KeepAlive = true)
{
    private const string SmallPath = "/";
    private const string LargePath = "/large";

    private const int LargestRead = 128 * 1024;

    /// <summary>As many bytes as nginx's welcome page has.</summary>
    private static readonly byte[] SmallPage = Enumerable.Repeat((byte)'x', 615).ToArray();

    private static readonly byte[] LargePage = Enumerable.Repeat((byte)'x', 1024 * 1024).ToArray();

    public static HttpLoad Small(int connections) => new(SmallPath, SmallPage.Length, connections);

    public static HttpLoad ConnectionPerRequest(int connections) => new(SmallPath, SmallPage.Length, connections, KeepAlive: false);

    /// <summary>Bodies of 1 MB.</summary>
    public static HttpLoad Large(int connections) => new(LargePath, LargePage.Length, connections);

    /// <summary>What both servers do.</summary>
    public static Task AnswerAsync(HttpContext context)
    {
        var page = context.Request.Path.Value == LargePath ? LargePage : SmallPage;
        context.Response.ContentLength = page.Length;
        return context.Response.Body.WriteAsync(page).AsTask();
    }

    /// <returns>Requests a second.</returns>
    public async Task<double> RunAsync(HttpMessageInvoker client, Uri server, TimeSpan duration)
    {
        var target = new Uri(server, Path);
        var buffers = Enumerable.Range(0, Connections).Select(_ => new byte[Math.Min(Bytes, LargestRead)]).ToArray();
        return await LoadLoop.RunAsync(Connections, duration, async caller =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            if (!KeepAlive) request.Headers.ConnectionClose = true;
            using var response = await client.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync();
            var left = Bytes;
            while (await body.ReadAsync(buffers[caller]) is > 0 and var count) left -= count;
            if (left != 0) throw new InvalidOperationException($"The body was {left} bytes short.");
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
