using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>The channels in WebSocket messages, each with the channel's number in its first byte: v5.channel.k8s.io and v4.channel.k8s.io.</summary>
/// <remarks>apiserver/pkg/util/remotecommand, KEP-4006. Version 5 adds message 255, by which the client closes a channel.</remarks>
internal sealed class WebSocketTransport : IRemoteCommandTransport
{
    private static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    public bool Accepts(HttpContext context) => context.WebSockets.IsWebSocketRequest;

    public async Task<IRemoteCommandConnection> UpgradeAsync(HttpContext context)
    {
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        var protocol = Protocols.FirstOrDefault(offered.Contains);
        if (protocol is null && offered.Count > 0)
        {
            throw StatusException.BadRequest($"unable to upgrade: the client offers {string.Join(", ", offered)}; the server supports {string.Join(", ", Protocols)}");
        }
        return new WebSocketConnection(await context.WebSockets.AcceptWebSocketAsync(protocol));
    }
}

internal sealed class WebSocketConnection(WebSocket socket) : IRemoteCommandConnection
{
    private const byte CloseMessage = 255;
    private const int LargestMessage = 1024 * 1024;

    public async IAsyncEnumerable<RemoteCommandInput> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadMessageAsync(cancellationToken) is { } message)
        {
            if (message.IsEmpty) continue;
            switch (message.Span[0])
            {
                case (byte)StreamChannel.Stdin:
                    if (message.Length > 1) yield return new RemoteCommandInput.Stdin(message[1..]);
                    break;
                case (byte)StreamChannel.Resize:
                    if (ReadSize(message.Span[1..]) is { } size) yield return new RemoteCommandInput.Resize(size);
                    break;
                case CloseMessage when message.Length > 1 && message.Span[1] == (byte)StreamChannel.Stdin:
                    yield return new RemoteCommandInput.StdinClosed();
                    break;
            }
        }
    }

    public async Task WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var message = new byte[data.Length + 1];
        message[0] = (byte)channel;
        data.CopyTo(message.AsMemory(1));
        await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
    }

    public async Task FinishAsync(ReadOnlyMemory<byte> status, CancellationToken cancellationToken)
    {
        await WriteAsync(StreamChannel.Error, status, cancellationToken);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>One whole message; null when the client has closed or is gone.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadMessageAsync(CancellationToken cancellationToken)
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
            if (length >= LargestMessage)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, "message too big", cancellationToken);
                return null;
            }
            Array.Resize(ref buffer, buffer.Length * 2);
        }
    }

    public static TerminalSize? ReadSize(ReadOnlySpan<byte> json)
    {
        try
        {
            return DocumentDecoder.DecodeAny(json) is JsonObject size && size.GetInteger("Width") is { } width && size.GetInteger("Height") is { } height
                ? new TerminalSize((ushort)Math.Clamp(width, 0, ushort.MaxValue), (ushort)Math.Clamp(height, 0, ushort.MaxValue))
                : null;
        }
        catch (DecodeException)
        {
            // A size that can't be read changes nothing; the session goes on.
            return null;
        }
    }
}
