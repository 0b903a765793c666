using System.Buffers;
using System.Net.WebSockets;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Streams;
using ActorCluster.ApiServer.Watching;
using ActorCluster.Contracts.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.ApiServer.Http;

/// <summary>Watches over HTTP: one JSON document an event, as long as the client and its time limit want; in messages of a WebSocket, if the client asks for one (as Java's fabric8 does).</summary>
internal sealed class WatchHandler(ApiPipeline pipeline, CancellationToken stopping)
{
    /// <summary>Watches without a limit of their own end after this time at the latest, and at half of it at the earliest
    /// (--min-request-timeout's rule), so that not all clients come back at once.</summary>
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(60);

    private readonly Contracts.Runtime.RandomSource _random = pipeline.Simulation.Random.Child("watch-timeouts");

    public async Task HandleAsync(HttpContext context, ApiRequest request, Representation representation)
    {
        var query = context.Request.Query;
        var options = request.EffectiveOptions;
        var initial = RequestOptions.Flag(query, "sendInitialEvents");
        CheckInitialEvents(initial, options);
        var fields = options.FieldSelector;
        if (request.Name.Length > 0) fields = string.IsNullOrEmpty(fields) ? $"metadata.name={request.Name}" : $"{fields},metadata.name={request.Name}";
        var watch = new WatchRequest(
            request.Resource,
            request.Namespace,
            initial == true && options.ResourceVersion is null ? "0" : options.ResourceVersion,
            options.LabelSelector,
            fields,
            RequestOptions.Flag(query, "allowWatchBookmarks") == true,
            initial == true,
            request.Version);

        var seconds = RequestOptions.Number(query, "timeoutSeconds");
        var limit = seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds.Value, int.MaxValue / 1000)) : LongestWatch * (0.5 + _random.NextDouble() / 2);
        using var timeout = new CancellationTokenSource(limit, pipeline.Simulation.Clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted, stopping);

        // Until here the client can be told no; from now on failures are events.
        var scope = pipeline.ScopeOf(watch);
        var steps = pipeline.OpenWatch(scope, watch, ending.Token);
        var rendering = representation.Kind == RepresentationKind.Object ? null : new Func<Rendering>(() => new Rendering(
            scope.Facets.Printer, representation, RequestOptions.Text(query, "includeObject") ?? "Metadata", pipeline.Simulation.Clock.GetUtcNow()));
        Answers.AddWarnings(context, scope.Warnings);
        if (context.WebSockets.IsWebSocketRequest)
        {
            await SendByWebSocketAsync(context, steps, rendering, ending);
            return;
        }

        context.Response.ContentType = Answers.Json;
        context.Response.Headers.CacheControl = "no-cache, private";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        try
        {
            await SendAsync(context, steps, rendering, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The end of every watch: its time is over, its client or its server goes.
        }
    }

    /// <remarks>What is on its way when the watch's time is over gets there: a connection whose write is cancelled is reset, and the end would look like a failure.</remarks>
    private static async Task SendAsync(HttpContext context, IAsyncEnumerable<WatchStep> steps, Func<Rendering>? rendering, CancellationToken cancellationToken)
    {
        var output = context.Response.BodyWriter;
        await using var events = steps.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = events.MoveNextAsync();
            // What is there goes out as soon as there is nothing more to add to it.
            if (!next.IsCompleted) await output.FlushAsync(context.RequestAborted);
            if (!await next) break;
            Write(output, events.Current, rendering);
            if (output.UnflushedBytes > 64 * 1024) await output.FlushAsync(context.RequestAborted);
        }
        await output.FlushAsync(context.RequestAborted);
    }

    private async Task SendByWebSocketAsync(HttpContext context, IAsyncEnumerable<WatchStep> steps, Func<Rendering>? rendering, CancellationTokenSource ending)
    {
        await using var output = await WebSocketOutput.ForDocumentsAsync(context, ending);
        var message = new ArrayBufferWriter<byte>();
        try
        {
            await foreach (var step in steps.WithCancellation(ending.Token))
            {
                message.ResetWrittenCount();
                Write(message, step, rendering);
                await output.WriteAsync(message.WrittenMemory, pipeline.Simulation.Clock, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // Its time is over, or its client or its server goes: in order, if the client is still there.
        }
        catch (WebSocketException)
        {
            return; // the client hung up
        }

        await output.FinishAsync(pipeline.Simulation.Clock);
    }

    private static void Write(IBufferWriter<byte> output, WatchStep step, Func<Rendering>? rendering)
    {
        var body = step.Type switch
        {
            WatchEventType.Error => step.Body,
            WatchEventType.Bookmark => rendering is null ? step.Body : rendering().Bookmark(step.Body),
            _ => rendering is null ? step.Body : rendering().One(step.Body),
        };
        output.Write(step.Type switch
        {
            WatchEventType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
            WatchEventType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
            WatchEventType.Deleted => "{\"type\":\"DELETED\",\"object\":"u8,
            WatchEventType.Bookmark => "{\"type\":\"BOOKMARK\",\"object\":"u8,
            _ => "{\"type\":\"ERROR\",\"object\":"u8,
        });
        output.Write(body.Span);
        output.Write("}\n"u8);
    }

    private static void CheckInitialEvents(bool? initial, ApiRequestOptions options)
    {
        var errors = new FieldErrors();
        if (initial is not null && options.ResourceVersionMatch is null)
        {
            errors.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        if (options.ResourceVersionMatch is not null)
        {
            if (initial is null) errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
            if (options.ResourceVersionMatch != "NotOlderThan") errors.NotSupported("resourceVersionMatch", options.ResourceVersionMatch, "NotOlderThan");
        }
        if (errors.Count > 0) throw StatusException.Invalid("meta.k8s.io", "ListOptions", "", errors);
    }
}
