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

    public async IAsyncEnumerable<RemoteCommandInput> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await WebSocketMessages.ReadAsync(socket, cancellationToken) is { } message)
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

    public async Task WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await socket.SendAsync(WebSocketMessages.Framed((byte)channel, data.Span), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

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
