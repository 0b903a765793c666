using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.ApiServer.Tests.Support;

/// <summary>A web server for proxied requests to end at: it tells what it was asked, redirects from /old, and switches protocols at /echo.</summary>
internal sealed class FarEnd : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FarEnd(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public static async Task<FarEnd> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return new FarEnd(app);
    }

    public async Task<Stream> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        return client.GetStream();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        switch (request.Path.Value)
        {
            case "/old":
                context.Response.StatusCode = 302;
                context.Response.Headers.Location = request.Query["to"].ToString();
                return;
            case "/page":
                context.Response.ContentType = "text/html; charset=utf-8";
                await SendAsync(context, """<p>é <a href="/next">on</a>"""u8.ToArray(), request.Query["as"].ToString());
                return;
            case "/echo":
                context.Response.Headers.Upgrade = "echo";
                await using (var raw = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync())
                {
                    var buffer = new byte[100];
                    var count = await raw.ReadAsync(buffer);
                    await raw.WriteAsync(buffer.AsMemory(0, count));
                }
                return;
        }
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        context.Response.Headers["X-Seen"] = $"{request.Headers["X-Sent"]}";
        await context.Response.WriteAsync(new StringBuilder()
            .Append($"{request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}\n")
            .Append($"host={request.Host} uri={request.Headers["X-Forwarded-Uri"]} for={request.Headers["X-Forwarded-For"]} authorization={request.Headers.Authorization}\n")
            .Append(body).ToString());
    }

    private static async Task SendAsync(HttpContext context, byte[] page, string encoding)
    {
        if (encoding.Length > 0) context.Response.Headers.ContentEncoding = encoding;
        else context.Response.ContentLength = page.Length;
        await using Stream encoder = encoding switch
        {
            "gzip" => new GZipStream(context.Response.Body, CompressionLevel.Fastest),
            "deflate" => new DeflateStream(context.Response.Body, CompressionLevel.Fastest),
            _ => new BufferedStream(context.Response.Body),
        };
        await encoder.WriteAsync(page);
    }
}
