using System.Globalization;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.ApiServer.Streams;

/// <summary>
/// What `actorcluster trace` and `capture` ask the nodes' networks: GET /actorcluster/nodes/{node}/trace, .../lookup and .../capture. No part of Kubernetes's API;
/// the same clients may ask.
/// </summary>
internal sealed class NodeStreamHandler(IContainerStreamConnector connector, CancellationToken stopping)
{
    private const string Root = "/actorcluster";

    public static bool Handles(PathString path) => path.StartsWithSegments(Root, StringComparison.Ordinal);

    /// <exception cref="StatusException">Refused before the first byte.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method)) throw StatusException.MethodNotAllowed();
        var query = context.Request.Query;
        (string Node, ContainerStreamRequest Request) asked = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            [_, "nodes", var name, "trace"] => (name, Trace(query)),
            [_, "nodes", var name, "lookup"] => (name, new LookupRequest(query["namespace"].ToString(), query["pod"].ToString(), query["uid"].ToString(), query["name"].ToString())),
            [_, "nodes", var name, "capture"] => (name, new CaptureRequest([.. query["pod"].OfType<string>()])),
            _ => throw StatusException.UnknownPath(),
        };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await using var stream = await connector.OpenAsync(asked.Node, asked.Request, ending.Token);
            context.Response.ContentType = asked.Request is CaptureRequest ? "application/octet-stream" : Answers.Json;
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            var output = context.Response.BodyWriter;
            // Who waits for packets wants to know that they are being captured.
            await output.FlushAsync(ending.Token);
            await foreach (var chunk in stream.ReadAllAsync(ending.Token)) await output.WriteAsync(chunk.Data, ending.Token);
            await stream.Completion;
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

    private static TraceRequest Trace(IQueryCollection query) => new(
        query["protocol"].ToString(), query["source"].ToString(), Number(query, "sourcePort"), query["destination"].ToString(), Number(query, "port"),
        Number(query, "timeToLive"), query["first"] == "true");

    private static int Number(IQueryCollection query, string name) =>
        int.TryParse(query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw StatusException.BadRequest($"{name} is missing or no number");
}
