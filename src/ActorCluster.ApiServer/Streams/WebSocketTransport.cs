using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>The channels in WebSocket messages, each with the channel's number in its first byte: v5.channel.k8s.io and v4.channel.k8s.io, and what was before them.</summary>
/// <remarks>
/// apiserver/pkg/util/remotecommand, KEP-4006, cri-streaming/pkg/streaming/remotecommand/websocket.go. Version 5 adds message 255, by which the client closes a channel. Before version 4 (and where no
/// protocol is named) the error channel says in plain words what failed, and nothing otherwise. The forms in base64 are for browsers that have only text.
/// </remarks>
internal sealed class WebSocketTransport : IRemoteCommandTransport
{
    private static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"];

    public bool Accepts(HttpContext context) => context.WebSockets.IsWebSocketRequest;

    public async Task<IRemoteCommandConnection> UpgradeAsync(HttpContext context)
    {
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        var protocol = Protocols.FirstOrDefault(offered.Contains);
        if (protocol is null && offered.Count > 0)
        {
            throw StatusException.BadRequest($"unable to upgrade: the client offers {string.Join(", ", offered)}; the server supports {string.Join(", ", Protocols)}");
        }
        return new WebSocketConnection(await context.WebSockets.AcceptWebSocketAsync(protocol), protocol ?? "");
    }
}

/// <param name="protocol">One of those above, or "".</param>
internal sealed class WebSocketConnection(WebSocket socket, string protocol) : IRemoteCommandConnection
{
    private const byte CloseMessage = 255;

    private readonly bool _isText = protocol.Contains("base64", StringComparison.Ordinal);

    /// <summary>Whether the error channel carries a Status.</summary>
    private readonly bool _tellsStatus = protocol.StartsWith('v');

    public async IAsyncEnumerable<RemoteCommandInput> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await WebSocketMessages.ReadAsync(socket, cancellationToken) is { } received)
        {
            if (received.IsEmpty) continue;
            if ((_isText ? Decode(received.Span) : received) is not { } message)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.InvalidPayloadData, "a channel's digit and base64 expected", cancellationToken);
                yield break;
            }

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
        var message = _isText ? Encode(channel, data.Span) : WebSocketMessages.Framed((byte)channel, data.Span);
        await socket.SendAsync(message, _isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
    }

    public async Task FinishAsync(ReadOnlyMemory<byte> status, CancellationToken cancellationToken)
    {
        var told = _tellsStatus ? status : Encoding.UTF8.GetBytes((JsonNode.Parse(status.Span) as JsonObject).TextAt("message") ?? "");
        if (!told.IsEmpty) await WriteAsync(StreamChannel.Error, told, cancellationToken);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }

    private static byte[] Encode(StreamChannel channel, ReadOnlySpan<byte> data) => Encoding.ASCII.GetBytes((char)('0' + (byte)channel) + Convert.ToBase64String(data));

    /// <returns>As the binary form; null: it is none.</returns>
    private static ReadOnlyMemory<byte>? Decode(ReadOnlySpan<byte> text)
    {
        var message = new byte[1 + Base64.GetMaxDecodedFromUtf8Length(text.Length - 1)];
        message[0] = (byte)(text[0] - '0');
        // Not a conditional expression: its null would be an empty Memory.
        if (Base64.DecodeFromUtf8(text[1..], message.AsSpan(1), out _, out var length) != OperationStatus.Done) return null;
        return message.AsMemory(0, 1 + length);
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
