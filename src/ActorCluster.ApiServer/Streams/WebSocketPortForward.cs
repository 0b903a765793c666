using System.Buffers.Binary;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using ActorCluster.Api.Errors;
using ActorCluster.Contracts.Simulation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorCluster.ApiServer.Streams;

/// <summary>
/// port-forward as client libraries ask for it: the query names the ports, and each has two channels in one WebSocket, data and what went wrong,
/// both of which begin with the port's number. One connection a port; all end with the WebSocket.
/// </summary>
/// <remarks>cri-streaming/pkg/streaming/portforward/websocket.go.</remarks>
internal static class WebSocketPortForward
{
    private const string Protocol = "v4.channel.k8s.io";

    /// <summary>How long the client may take to answer the end with its own.</summary>
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);

    /// <summary>A channel's number is a byte, and each port takes two.</summary>
    private const int MostPorts = 128;

    /// <exception cref="StatusException">Refused before the connection was upgraded.</exception>
    public static async Task HandleAsync(HttpContext context, ForwardedPort pod, TimeProvider clock, CancellationToken cancellationToken)
    {
        var ports = Ports(context.Request.Query["ports"]);
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        if (offered.Count > 0 && !offered.Contains(Protocol))
        {
            throw StatusException.BadRequest($"unable to upgrade: the client offers {string.Join(", ", offered)}; the server supports {Protocol}");
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(offered.Count > 0 ? Protocol : null);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var turn = new SemaphoreSlim(1);
        var connections = ports.Select((_, index) => new PortChannels(socket, turn, (byte)(2 * index))).ToArray();
        var input = ReadAsync(socket, connections, ending);
        try
        {
            var forwards = new List<Task>();
            for (var i = 0; i < ports.Length; i++) forwards.Add(ForwardAsync(pod, ports[i], connections[i], ending.Token));
            await Task.WhenAll(forwards);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ending.Token);
            // Hanging up at once could overtake the last output on its way to the client.
            await Task.WhenAny(input, Task.Delay(GoodbyeTime, clock, ending.Token));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client or the server goes.
        }
        catch (Exception gone) when (gone is IOException or WebSocketException)
        {
            // The client left while something was being sent to it.
        }
        finally
        {
            await ending.CancelInOrderAsync();
            await input;
        }
    }

    private static int[] Ports(StringValues asked)
    {
        if (asked.Count == 0) throw StatusException.BadRequest("query parameter \"ports\" is required");
        int[] ports = [.. asked.SelectMany(list => (list ?? "").Split(',')).Select(text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
                ? port
                : throw StatusException.BadRequest($"unable to parse \"{text}\" as a port"))];
        return ports.Length <= MostPorts ? ports : throw StatusException.BadRequest($"no more than {MostPorts} ports can be forwarded at once");
    }

    private static async Task ForwardAsync(ForwardedPort pod, int port, PortChannels channels, CancellationToken cancellationToken)
    {
        var number = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)port);
        await channels.WriteAsync(number, cancellationToken);
        await channels.WriteErrorAsync(number, cancellationToken);
        var fault = await pod.RunAsync(port, channels, cancellationToken);
        channels.End();
        if (fault is not null) await channels.WriteErrorAsync(Encoding.UTF8.GetBytes(fault), cancellationToken);
    }

    /// <summary>Hands out what the client sends; each connection sets the pace of all, as they share one WebSocket.</summary>
    private static async Task ReadAsync(WebSocket socket, PortChannels[] connections, CancellationTokenSource ending)
    {
        try
        {
            while (await WebSocketMessages.ReadAsync(socket, ending.Token) is { } message)
            {
                if (message.Length > 1 && message.Span[0] is var channel && channel % 2 == 0 && channel / 2 < connections.Length)
                    await connections[channel / 2].ReceiveAsync(message[1..], ending.Token);
            }
            await ending.CancelInOrderAsync();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // All connections have ended.
        }
    }

    /// <param name="turn">One message at a time.</param>
    /// <param name="data">The number of its data channel; the next is that of its errors.</param>
    private sealed class PortChannels(WebSocket socket, SemaphoreSlim turn, byte data) : IForwardedConnection
    {
        private const int Waiting = 4;

        private readonly Channel<ReadOnlyMemory<byte>> _received = Channel.CreateBounded<ReadOnlyMemory<byte>>(Waiting);

        public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) => _received.Reader.ReadAsync(cancellationToken);

        /// <summary>Returns when there is room for more; what comes after the connection's end is for nobody.</summary>
        public async Task ReceiveAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            while (await _received.Writer.WaitToWriteAsync(cancellationToken))
                if (_received.Writer.TryWrite(message)) return;
        }

        public void End() => _received.Writer.TryComplete();

        public Task WriteAsync(ReadOnlyMemory<byte> sent, CancellationToken cancellationToken) => SendAsync(data, sent, cancellationToken);

        public Task WriteErrorAsync(ReadOnlyMemory<byte> sent, CancellationToken cancellationToken) => SendAsync((byte)(data + 1), sent, cancellationToken);

        private async Task SendAsync(byte channel, ReadOnlyMemory<byte> sent, CancellationToken cancellationToken)
        {
            await turn.WaitAsync(cancellationToken);
            try
            {
                await socket.SendAsync(WebSocketMessages.Framed(channel, sent.Span), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }
            catch (WebSocketException gone)
            {
                throw new IOException("the client is gone", gone);
            }
            finally
            {
                turn.Release();
            }
        }
    }
}
