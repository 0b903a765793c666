using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Streams;

/// <summary>The client's side of one forwarded connection.</summary>
internal interface IForwardedConnection
{
    /// <summary>What the client sends; empty at its end.</summary>
    /// <exception cref="IOException">The client has given this connection up.</exception>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <exception cref="IOException">The client has given this connection up.</exception>
    Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}

/// <summary>Connections to the ports of one pod, whichever transport the client brings them by.</summary>
internal sealed class ForwardedPort(IContainerStreamConnector connector, string node, JsonObject pod)
{
    /// <returns>What went wrong, in the kubelet's words; null when the connection has ended as connections do.</returns>
    public async Task<string?> RunAsync(int port, IForwardedConnection client, CancellationToken cancellationToken)
    {
        var uid = pod.TextAt("metadata", "uid")!;
        var request = new PortForwardRequest(pod.TextAt("metadata", "namespace")!, pod.TextAt("metadata", "name")!, uid, port);
        try
        {
            await using var stream = await connector.OpenAsync(node, request, cancellationToken);
            return await CarryAsync(stream, client, cancellationToken);
        }
        catch (ContainerStreamException refused)
        {
            return $"error forwarding port {port} to pod {request.Pod}, uid {uid}: {refused.Message}";
        }
    }

    private static async Task<string?> CarryAsync(IContainerStream stream, IForwardedConnection client, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = CopyInputAsync(client, stream, ended.Token);
        try
        {
            await foreach (var chunk in stream.ReadAllAsync(cancellationToken)) await client.WriteAsync(chunk.Data, cancellationToken);
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

    private static async Task CopyInputAsync(IForwardedConnection client, IContainerStream stream, CancellationToken ended)
    {
        try
        {
            while (await client.ReadAsync(ended) is { IsEmpty: false } bytes) await stream.WriteAsync(StreamChannel.Stdin, bytes, ended);
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
