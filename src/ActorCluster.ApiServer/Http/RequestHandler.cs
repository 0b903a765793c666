using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Proxy;
using ActorCluster.ApiServer.Streams;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorCluster.ApiServer.Http;

/// <summary>Every request's way: who asks, what for, and to whom it goes. Whatever fails is answered with a Status.</summary>
internal sealed class RequestHandler(
    ClientCertificates certificates, BearerTokens tokens, DiscoveryHandler discovery, IssuerHandler issuer, ResourceHandler resources, ReviewHandler reviews, PodStreamHandler streams, ProxyHandler proxy, NodeStreamHandler nodes,
    RequestMetrics metrics, ILoggerFactory logging, CancellationToken stopping)
{
    private static readonly EventId RequestFailed = new(1, nameof(RequestFailed));
    private readonly ILogger _log = logging.CreateLogger("ActorCluster.ApiServer");

    public async Task HandleAsync(HttpContext context)
    {
        var path = ResourcePath.Parse(context.Request.Path.Value ?? "");
        try
        {
            await RouteAsync(context, path);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; there is nobody to answer.
        }
        catch (Exception fault)
        {
            if (context.Response.HasStarted)
            {
                // Half an answer must not look like a whole one.
                _log.LogWarning(RequestFailed, fault, "{Method} {Path} failed after its answer had begun", context.Request.Method, context.Request.Path);
                context.Abort();
                return;
            }
            await Answers.WriteStatusAsync(context, Explain(context, fault));
        }
        finally
        {
            metrics.Count(context, path);
        }
    }

    private async Task RouteAsync(HttpContext context, ResourcePath? path)
    {
        if (DiscoveryHandler.IsPublic(context.Request.Path))
        {
            await discovery.HandleAsync(context);
            return;
        }
        var identity = certificates.Identify(context.Connection.ClientCertificate) ?? await tokens.IdentifyAsync(context.Request) ?? throw StatusException.Unauthorized();
        if (NodeStreamHandler.Handles(context.Request.Path))
        {
            await nodes.HandleAsync(context);
            return;
        }
        if (context.Request.Path == "/metrics" && HttpMethods.IsGet(context.Request.Method))
        {
            await Answers.WriteAsync(context, StatusCodes.Status200OK, metrics.Write(), RequestMetrics.ContentType);
            return;
        }
        if (IssuerHandler.Handles(context.Request.Path))
        {
            await issuer.HandleAsync(context);
            return;
        }
        if (path is null)
        {
            await discovery.HandleAsync(context);
            return;
        }
        if (reviews.Handles(path)) await reviews.HandleAsync(context, path, identity);
        else if (PodStreamHandler.Handles(path)) await streams.HandleAsync(context, path);
        else if (ProxyHandler.Handles(path)) await proxy.HandleAsync(context, path);
        else await resources.HandleAsync(context, path, identity);
    }

    private StatusException Explain(HttpContext context, Exception fault)
    {
        switch (fault)
        {
            case StatusException status:
                return status;
            case BadHttpRequestException { StatusCode: 413 }:
                return StatusException.RequestEntityTooLarge(RequestBody.Limit);
            // Its body came too slowly (apiserver/pkg/server/filters/timeout.go).
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return StatusException.Timeout("request did not complete within the allotted timeout");
            case BadHttpRequestException bad:
                return StatusException.BadRequest(bad.Message);
            case OperationCanceledException when stopping.IsCancellationRequested:
                return StatusException.ServiceUnavailable("apiserver is shutting down");
            case StoreUnavailableException or ApiUnavailableException:
                return StatusException.ServiceUnavailable(fault.Message);
            default:
                _log.LogError(RequestFailed, fault, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
                return StatusException.Internal(fault.Message);
        }
    }
}
