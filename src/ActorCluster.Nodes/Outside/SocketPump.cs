using System.Net.Sockets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Nodes.Outside;

/// <summary>Carries bytes both ways between a real socket and a simulated connection, until both ways have ended.</summary>
internal static class SocketPump
{
    private const int ChunkSize = 64 * 1024;

    /// <exception cref="SocketException">The real side failed; the simulated one has been reset.</exception>
    /// <exception cref="SocketFaultException">The simulated side failed.</exception>
    public static Task RunAsync(Socket socket, ITcpConnection connection) => Task.WhenAll(UpAsync(socket, connection), DownAsync(connection, socket));

    private static async Task UpAsync(Socket socket, ITcpConnection connection)
    {
        try
        {
            while (true)
            {
                var count = await socket.ReceiveAsync(connection.Output.GetMemory(ChunkSize), SocketFlags.None, connection.Closed);
                if (count == 0) break;
                connection.Output.Advance(count);
                if ((await connection.Output.FlushAsync()).IsCompleted) return;
            }
            await connection.Output.CompleteAsync();
        }
        catch (OperationCanceledException) when (connection.Closed.IsCancellationRequested)
        {
            // The other direction knows how it ended.
        }
        catch (SocketException)
        {
            connection.Abort();
            throw;
        }
    }

    private static async Task DownAsync(ITcpConnection connection, Socket socket)
    {
        try
        {
            while (true)
            {
                var read = await connection.Input.ReadAsync();
                foreach (var segment in read.Buffer) await socket.SendAsync(segment, SocketFlags.None);
                connection.Input.AdvanceTo(read.Buffer.End);
                if (!read.IsCompleted) continue;
                socket.Shutdown(SocketShutdown.Send);
                return;
            }
        }
        catch (SocketException)
        {
            connection.Abort();
            throw;
        }
    }
}
