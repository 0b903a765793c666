using System.Buffers;
using System.Net;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Http;
using ActorCluster.ApiServer.Streams;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>The proxy sub-resource of pods, services and nodes: the request goes on to the far end, through the node that is next to it.</summary>
/// <remarks>apimachinery/pkg/util/proxy/upgradeaware.go.</remarks>
internal sealed class ProxyHandler(ApiPipeline pipeline, IContainerStreamConnector connector, CancellationToken stopping)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    private readonly ProxyLocator _locator = new(pipeline);

    public static bool Handles(ResourcePath path) =>
        path is { Resource.Group: "", Subresource: "proxy" } && (path.Resource.Plural is "pods" or "services" ? path.Namespace.Length > 0 : path.Resource.Plural == "nodes");

    /// <exception cref="StatusException">Refused, or the far end can't be reached.</exception>
    public async Task HandleAsync(HttpContext context, ResourcePath path)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var asked = ProxyPath.Split(context.Features.Get<IHttpRequestFeature>()!.RawTarget, path.Namespace.Length > 0 ? 7 : 5);
        if (!Methods.Contains(context.Request.Method)) throw StatusException.MethodNotAllowed();
        var target = await _locator.FindAsync(path, ending.Token);
        if (asked.Rest.Length == 0 && context.Request.Method is "GET" or "HEAD")
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = asked.Prefix + "/" + asked.Query;
            return;
        }
        if (target.Dial is null) await AskAgentAsync(context, target, asked, ending.Token);
        else await ForwardAsync(context, target, asked, ending.Token);
    }

    private async Task AskAgentAsync(HttpContext context, ProxyTarget target, ProxyPath asked, CancellationToken cancellationToken)
    {
        var (head, body) = (AgentAnswer.Plain, (ReadOnlyMemory<byte>)Array.Empty<byte>());
        try
        {
            await using var stream = await connector.OpenAsync(target.Node, new AgentRequest(asked.Rest), cancellationToken);
            var output = new ArrayBufferWriter<byte>();
            await foreach (var chunk in stream.ReadAllAsync(cancellationToken))
            {
                if (chunk.Channel == StreamChannel.Error) head = AgentAnswer.FromBytes(chunk.Data.Span);
                else output.Write(chunk.Data.Span);
            }
            await stream.Completion;
            body = output.WrittenMemory;
        }
        catch (ContainerStreamException refused) when (refused.StatusCode == 404)
        {
            (head, body) = (new AgentAnswer(404, AgentAnswer.PlainText), System.Text.Encoding.UTF8.GetBytes(refused.Message + "\n"));
        }
        catch (ContainerStreamException lost)
        {
            throw Unreachable(lost.Message);
        }
        if (head.Location is { } location) context.Response.Headers.Location = location;
        await Answers.WriteAsync(context, head.StatusCode, body, head.ContentType);
    }

    private async Task ForwardAsync(HttpContext context, ProxyTarget target, ProxyPath asked, CancellationToken cancellationToken)
    {
        IContainerStream connection;
        try
        {
            connection = await connector.OpenAsync(target.Node, target.Dial!, cancellationToken);
        }
        catch (ContainerStreamException refused)
        {
            throw Unreachable(refused.Message);
        }
        await using var bytes = new ContainerByteStream(connection);
        // One request, one connection, which stands already; the handler asks for another when the far end hung up on this one.
        var used = false;
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = (_, _) => Interlocked.Exchange(ref used, true) ? throw new IOException("EOF") : ValueTask.FromResult<Stream>(bytes),
        };
        // As upstream's transport for proxies: whose certificate a pod has is not checked.
#pragma warning disable CA5359
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = ProxyMessages.Request(context, target, asked);
        HttpResponseMessage answer;
        try
        {
            answer = await client.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException fault)
        {
            throw Unreachable(Explain(fault));
        }
        using (answer)
        {
            ProxyMessages.Copy(answer, context.Response, asked, target.Authority, context.Request.Host.Value ?? "");
            if (answer.StatusCode == HttpStatusCode.SwitchingProtocols) await ProxyUpgrade.RunAsync(context, answer, cancellationToken);
            else if (ProxyPages.Rewrites(answer) && !HttpMethods.IsHead(context.Request.Method)) await SendPageAsync(context, answer, target, asked, cancellationToken);
            else await CopyBodyAsync(context, answer, cancellationToken);
        }
    }

    private static async Task SendPageAsync(HttpContext context, HttpResponseMessage answer, ProxyTarget target, ProxyPath asked, CancellationToken cancellationToken)
    {
        var host = context.Request.Host.Value ?? "";
        context.Response.ContentLength = null;
        byte[] page;
        try
        {
            page = await ProxyPages.RewriteAsync(answer, link => asked.Rewrite(link, target.Authority, host), cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw Unreachable("gzip: invalid header");
        }
        await context.Response.Body.WriteAsync(page, cancellationToken);
    }

    private static async Task CopyBodyAsync(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (HttpMethods.IsHead(context.Request.Method)) return;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        // Whatever comes goes on at once: the far end may be talking slowly on purpose.
        await body.CopyToAsync(context.Response.Body, cancellationToken);
    }

    private static StatusException Unreachable(string why) => StatusException.ServiceUnavailable($"error trying to reach service: {why}");

    private static string Explain(HttpRequestException fault) => ((fault.InnerException as HttpIOException)?.HttpRequestError ?? fault.HttpRequestError) switch
    {
        HttpRequestError.ResponseEnded => "EOF",
        HttpRequestError.SecureConnectionError => $"remote error: {fault.InnerException?.Message ?? fault.Message}",
        _ => fault.GetBaseException().Message,
    };
}
