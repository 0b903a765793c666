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
/// <remarks>cri-streaming/pkg/streaming/portforward/httpstream.go. Over plain SPDY, or SPDY in a WebSocket (kubectl 1.30 and newer).</remarks>
internal sealed class PortForwardHandler(IContainerStreamConnector connector)
{
    private const string Protocol = "portforward.k8s.io";

    /// <exception cref="StatusException">Refused before the connection was upgraded.</exception>
    public async Task HandleAsync(HttpContext context, JsonObject pod, CancellationToken cancellationToken)
    {
        var node = PodStreamHandler.NodeOf(pod);
        if (!SpdyUpgrade.AsksTunnel(context) && !SpdyUpgrade.Asks(context)) throw StatusException.BadRequest("Upgrade request required");
        if (pod.TextAt("status", "phase") is "Succeeded" or "Failed") throw StatusException.BadRequest($"unable to forward port because pod is not running. Current status={pod.TextAt("status", "phase")}");
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
                var forward = ForwardAsync(node, pod, port, data, error, connection, ending.Token);
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

    private async Task ForwardAsync(string node, JsonObject pod, int port, SpdyStream data, SpdyStream error, SpdyConnection connection, CancellationToken cancellationToken)
    {
        var uid = pod.TextAt("metadata", "uid")!;
        var request = new PortForwardRequest(pod.TextAt("metadata", "namespace")!, pod.TextAt("metadata", "name")!, uid, port);
        string? fault = null;
        try
        {
            await using var stream = await connector.OpenAsync(node, request, cancellationToken);
            fault = await CarryAsync(stream, data, cancellationToken);
        }
        catch (ContainerStreamException refused)
        {
            fault = $"error forwarding port {port} to pod {request.Pod}, uid {uid}: {refused.Message}";
        }
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

    /// <returns>What went wrong; null when the connection has ended as connections do.</returns>
    private static async Task<string?> CarryAsync(IContainerStream stream, SpdyStream data, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = CopyInputAsync(data, stream, ended.Token);
        try
        {
            await foreach (var chunk in stream.ReadAllAsync(cancellationToken)) await data.WriteAsync(chunk.Data, cancellationToken);
            return (await stream.Completion).Message;
        }
        catch (IOException)
        {
            return null; // the client has closed its side of this connection
        }
        finally
        {
            await ended.CancelInOrderAsync();
            await input;
        }
    }

    private static async Task CopyInputAsync(SpdyStream data, IContainerStream stream, CancellationToken ended)
    {
        try
        {
            while (await data.ReadAsync(ended) is { IsEmpty: false } bytes) await stream.WriteAsync(StreamChannel.Stdin, bytes, ended);
            await stream.CloseInputAsync(StreamChannel.Stdin, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The pod's side has ended.
        }
        catch (IOException)
        {
            // The client has reset this connection: the pod's side is to know.
            await stream.DisposeAsync();
        }
        catch (ContainerStreamException)
        {
            // The node is lost: the reader of the output meets the same and reports it.
        }
    }
}
