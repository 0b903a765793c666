using System.Buffers;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Nodes.Streams;

/// <summary>Carries one TCP connection's bytes to and from a stream until both ends are done with it.</summary>
internal static class TcpStream
{
    /// <param name="connection">Disposed at the end.</param>
    public static async Task<StreamExit> RunAsync(ITcpConnection connection, IContainerStreamPeer peer)
    {
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
            await ended.CancelInOrderAsync();
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
