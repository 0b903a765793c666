using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Spdy;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>port-forward: for each connection that the client takes, a pair of SPDY streams, one for data and one for what went wrong.</summary>
/// <remarks>
/// cri-streaming/pkg/streaming/portforward/httpstream.go. Over plain SPDY, or SPDY in a WebSocket (kubectl 1.31 and newer); client libraries' WebSockets without SPDY
/// are <see cref="WebSocketPortForward"/>'s.
/// </remarks>
internal sealed class PortForwardHandler(IContainerStreamConnector connector, TimeProvider clock)
{
    private const string Protocol = "portforward.k8s.io";

    /// <exception cref="StatusException">Refused before the connection was upgraded.</exception>
    public async Task HandleAsync(HttpContext context, JsonObject pod, CancellationToken cancellationToken)
    {
        var node = PodStreamHandler.NodeOf(pod);
        var channels = context.WebSockets.IsWebSocketRequest && !SpdyUpgrade.AsksTunnel(context);
        if (!channels && !SpdyUpgrade.AsksTunnel(context) && !SpdyUpgrade.Asks(context)) throw StatusException.BadRequest("Upgrade request required");
        if (pod.TextAt("status", "phase") is "Succeeded" or "Failed") throw StatusException.BadRequest($"unable to forward port because pod is not running. Current status={pod.TextAt("status", "phase")}");
        var forwarded = new ForwardedPort(connector, node, pod);
        if (channels)
        {
            await WebSocketPortForward.HandleAsync(context, forwarded, clock, cancellationToken);
            return;
        }
        await using var connection = await SpdyUpgrade.AcceptAsync(context, Protocol);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = connection.RunAsync(ending.Token);
        // Those under way, and those that failed as none should: their faults come out at the end.
        var forwards = new ConcurrentDictionary<Task, bool>();
        var pairs = new Dictionary<string, (SpdyStream? Data, SpdyStream? Error)>();
        try
        {
            await foreach (var stream in connection.Opened.ReadAllAsync(ending.Token))
            {
                if (await AddAsync(pairs, stream, ending.Token) is not var (data, error, port)) continue;
                var forward = ForwardAsync(forwarded, port, data, error, connection, ending.Token);
                forwards[forward] = true;
                _ = forward.ContinueWith(done => done.IsFaulted || forwards.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        finally
        {
            // What is still being forwarded ends with the client's connection.
            await ending.CancelInOrderAsync();
            try
            {
                await Task.WhenAll(forwards.Keys.Append(running));
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                // That was the way to end them.
            }
        }
    }

    /// <summary>The pair that is complete with this stream; null while it isn't, or when the stream is none of a pair.</summary>
    private static async Task<(SpdyStream Data, SpdyStream Error, int Port)?> AddAsync(
        Dictionary<string, (SpdyStream? Data, SpdyStream? Error)> pairs, SpdyStream stream, CancellationToken cancellationToken)
    {
        var isData = stream.Header("streamType") == "data";
        if ((!isData && stream.Header("streamType") != "error")
            || !int.TryParse(stream.Header("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > ushort.MaxValue)
        {
            await stream.ResetAsync(cancellationToken);
            return null;
        }
        // Clients that number no requests open the error stream first and the data stream right after it.
        var request = stream.Header("requestID") is { Length: > 0 } id ? id : (isData ? stream.Id - 2 : stream.Id).ToString(CultureInfo.InvariantCulture);
        var pair = pairs.GetValueOrDefault(request);
        pair = isData ? (stream, pair.Error) : (pair.Data, stream);
        if (pair is ({ } data, { } error))
        {
            pairs.Remove(request);
            return (data, error, port);
        }
        pairs[request] = pair;
        return null;
    }

    private static async Task ForwardAsync(ForwardedPort pod, int port, SpdyStream data, SpdyStream error, SpdyConnection connection, CancellationToken cancellationToken)
    {
        var fault = await pod.RunAsync(port, data, cancellationToken);
        try
        {
            await EndAsync(data, error, fault, cancellationToken);
        }
        catch (IOException)
        {
            // The client has left, or reset these streams: it doesn't want to know.
        }
        connection.Forget(data);
        connection.Forget(error);
    }

    private static async Task EndAsync(SpdyStream data, SpdyStream error, string? fault, CancellationToken cancellationToken)
    {
        if (fault is null)
        {
            await data.CloseAsync(cancellationToken);
            await error.CloseAsync(cancellationToken);
            return;
        }
        await error.WriteAsync(Encoding.UTF8.GetBytes(fault), cancellationToken);
        await error.CloseAsync(cancellationToken);
        await data.ResetAsync(cancellationToken);
    }
}
