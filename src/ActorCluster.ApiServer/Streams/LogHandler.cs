using System.Net.WebSockets;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.ApiServer.Streams;

/// <summary>GET .../pods/{name}/log.</summary>
internal sealed class LogHandler(IContainerStreamConnector connector, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context, JsonObject pod, CancellationToken cancellationToken)
    {
        var request = Read(context.Request.Query, pod);
        var node = pod.TextAt("spec", "nodeName");
        if (context.WebSockets.IsWebSocketRequest) await SendByWebSocketAsync(context, node, request, cancellationToken);
        else await SendAsync(context, node, request, cancellationToken);
    }

    private async Task SendAsync(HttpContext context, string? node, LogRequest request, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/plain";
        if (string.IsNullOrEmpty(node)) return;
        await using var stream = await connector.OpenAsync(node, request, cancellationToken);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var output = context.Response.BodyWriter;
        // Who follows a log that is still silent wants to know that he does.
        if (request.Follow) await output.FlushAsync(cancellationToken);
        await foreach (var chunk in stream.ReadAllAsync(cancellationToken))
        {
            await output.WriteAsync(chunk.Data, cancellationToken);
        }
        await stream.Completion;
    }

    private async Task SendByWebSocketAsync(HttpContext context, string? node, LogRequest request, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A refusal is still an answer to the request.
        await using var stream = string.IsNullOrEmpty(node) ? null : await connector.OpenAsync(node, request, cancellationToken);
        await using var output = await WebSocketOutput.ForBytesAsync(context, ending);
        try
        {
            if (stream is not null)
            {
                await foreach (var chunk in stream.ReadAllAsync(ending.Token)) await output.WriteAsync(chunk.Data, clock, ending.Token);
            }
        }
        catch (Exception gone) when (gone is WebSocketException || (gone is OperationCanceledException && ending.IsCancellationRequested))
        {
            return; // the client hung up
        }

        await output.FinishAsync(clock);
    }

    private static LogRequest Read(IQueryCollection query, JsonObject pod)
    {
        var container = PodContainers.Choose(pod, RequestOptions.Text(query, "container"));
        var errors = new FieldErrors();
        var tail = RequestOptions.Number(query, "tailLines");
        var limit = RequestOptions.Number(query, "limitBytes");
        var seconds = RequestOptions.Number(query, "sinceSeconds");
        var time = RequestOptions.Text(query, "sinceTime");
        var since = ObjectMetadata.ParseTime(time);
        if (time is not null && since is null) throw StatusException.BadRequest($"parsing time {FieldError.GoQuote(time)} as \"2006-01-02T15:04:05Z07:00\": cannot parse {FieldError.GoQuote(time)} as \"2006\"");
        if (tail < 0) errors.Invalid("tailLines", tail, "must be greater than or equal to 0");
        if (limit < 1) errors.Invalid("limitBytes", limit, "must be greater than 0");
        if (seconds is not null && since is not null) errors.Forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified");
        else if (seconds < 1) errors.Invalid("sinceSeconds", seconds, "must be greater than 0");
        var name = pod.TextAt("metadata", "name")!;
        if (errors.Count > 0) throw StatusException.Invalid("", "PodLogOptions", name, errors);
        return new LogRequest(
            pod.TextAt("metadata", "namespace")!,
            name,
            pod.TextAt("metadata", "uid")!,
            container,
            RequestOptions.Flag(query, "follow") == true,
            RequestOptions.Flag(query, "previous") == true,
            RequestOptions.Flag(query, "timestamps") == true,
            tail,
            seconds,
            since,
            limit);
    }
}
