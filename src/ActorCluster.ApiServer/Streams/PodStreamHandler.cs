using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>The sub-resources of pods that are streams: log, exec, attach, portforward.</summary>
internal sealed class PodStreamHandler(ApiPipeline pipeline, IContainerStreamConnector connector, CancellationToken stopping)
{
    private static readonly ResourceName Pods = new("", "pods");
    private readonly LogHandler _logs = new(connector, pipeline.Simulation.Clock);
    private readonly PortForwardHandler _forwards = new(connector, pipeline.Simulation.Clock);
    private readonly RemoteCommandHandler _commands = new(connector, [new WebSocketTransport(), new SpdyTransport(pipeline.Simulation.Clock)], pipeline.Simulation.Clock);

    public static bool Handles(ResourcePath path) => path.Resource == Pods && path.Subresource is "log" or "exec" or "attach" or "portforward";

    /// <exception cref="StatusException">Refused before the first byte.</exception>
    public async Task HandleAsync(HttpContext context, ResourcePath path)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var pod = await PodAsync(path, ending.Token);
        try
        {
            switch (path.Subresource)
            {
                case "log":
                    if (!HttpMethods.IsGet(context.Request.Method)) throw StatusException.MethodNotAllowed();
                    await _logs.HandleAsync(context, pod, ending.Token);
                    break;
                case "portforward":
                    await _forwards.HandleAsync(context, pod, ending.Token);
                    break;
                case "exec":
                    await _commands.HandleAsync(context, pod, attach: false, ending.Token);
                    break;
                default:
                    await _commands.HandleAsync(context, pod, attach: true, ending.Token);
                    break;
            }
        }
        catch (ContainerStreamException refused) when (!context.Response.HasStarted)
        {
            throw StatusException.Other(refused.StatusCode, refused.Reason, refused.Message);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client or the server goes; a stream ends with either.
        }
    }

    private async Task<JsonObject> PodAsync(ResourcePath path, CancellationToken cancellationToken)
    {
        var response = await pipeline.SendAsync(new ApiRequest(ApiVerb.Get, Pods, path.Namespace, path.Name), cancellationToken);
        if (!response.IsSuccess) throw StatusException.NotFound(Pods, path.Name);
        return (JsonObject)JsonNode.Parse(response.Body.Span)!;
    }

    /// <summary>The node that runs the pod.</summary>
    /// <exception cref="StatusException">400: not scheduled yet.</exception>
    public static string NodeOf(JsonObject pod) => pod.TextAt("spec", "nodeName") is { Length: > 0 } node
        ? node
        : throw StatusException.BadRequest($"pod {pod.TextAt("metadata", "name")} does not have a host assigned");
}
