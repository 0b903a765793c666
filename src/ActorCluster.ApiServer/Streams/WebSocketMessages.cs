using System.Net.WebSockets;

namespace ActorCluster.ApiServer.Streams;

/// <summary>Whole messages of a WebSocket, of at most 1 MiB.</summary>
internal static class WebSocketMessages
{
    private const int Largest = 1024 * 1024;

    /// <summary>The next one; null when the client has closed, is gone, or sends more than it may, which it is told.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult result;
            try
            {
                result = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            }
            catch (WebSocketException)
            {
                return null;
            }
            if (result.MessageType == WebSocketMessageType.Close) return null;
            length += result.Count;
            if (result.EndOfMessage) return buffer.AsMemory(0, length);
            if (length < buffer.Length) continue;
            if (length >= Largest)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, "message too big", cancellationToken);
                return null;
            }
            Array.Resize(ref buffer, buffer.Length * 2);
        }
    }

    /// <summary>Data with the number of its channel before it.</summary>
    public static byte[] Framed(byte channel, ReadOnlySpan<byte> data)
    {
        var message = new byte[data.Length + 1];
        message[0] = channel;
        data.CopyTo(message.AsSpan(1));
        return message;
    }
}
