using System.Buffers;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Nodes.Streams;

/// <summary>One connection of kubectl port-forward: to a port on the pod's localhost.</summary>
internal static class PortForwardStream
{
    public static async Task<StreamExit> RunAsync(INetworkNamespace network, PortForwardRequest request, IContainerStreamPeer peer)
    {
        ITcpConnection connection;
        try
        {
            connection = await network.ConnectTcpAsync(new SocketAddress(IpAddress.LoopbackV4, (ushort)request.Port), cancellationToken: peer.CallerGone);
        }
        catch (SocketFaultException fault)
        {
            return new StreamExit(null, $"error forwarding port {request.Port} to pod {request.PodUid}, uid : failed to connect to localhost:{request.Port} inside namespace \"{request.PodUid}\", IPv4: dial tcp4 127.0.0.1:{request.Port}: {Probes.GoNetworkErrors.Describe(fault.Fault)}");
        }
        await using var _ = connection;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(peer.CallerGone);
        var input = CopyInputAsync(connection, peer, ended.Token);
        try
        {
            while (true)
            {
                var read = await connection.Input.ReadAsync(peer.CallerGone);
                if (!read.Buffer.IsEmpty) await peer.WriteAsync(StreamChannel.Stdout, read.Buffer.ToArray(), peer.CallerGone);
                connection.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return new StreamExit(null);
            }
        }
        catch (SocketFaultException fault)
        {
            return new StreamExit(null, fault.Message);
        }
        finally
        {
            await ended.CancelAsync();
            await input;
        }
    }

    private static async Task CopyInputAsync(ITcpConnection connection, IContainerStreamPeer peer, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                var data = await peer.ReadAsync(StreamChannel.Stdin, ended);
                if (data.IsEmpty) break;
                if ((await connection.Output.WriteAsync(data, ended)).IsCompleted) return;
            }
            await connection.Output.CompleteAsync();
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The pod's side has ended, or the caller is gone.
        }
        catch (SocketFaultException)
        {
            // Reading meets the same fault and reports it.
        }
    }
}
