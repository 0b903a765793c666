using System.Buffers.Text;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>What goes to the client only, in messages of a WebSocket (streaming/pkg/httpstream/wsstream/stream.go, apiserver/pkg/endpoints/handlers/watch.go). One call at a time.</summary>
internal sealed class WebSocketOutput : IAsyncDisposable
{
    /// <summary>How long the client may take to answer the end with its own, and to take the last message before that.</summary>
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly Form _form;
    private readonly Task _input;

    private WebSocketOutput(WebSocket socket, Form form, CancellationTokenSource left) => (_socket, _form, _input) = (socket, form, FollowAsync(socket, left));

    private enum Form
    {
        Binary,
        Base64,
        Text,
    }

    /// <summary>For a stream of bytes, in the protocol that the client names: binary.k8s.io (as if it names none) or base64.binary.k8s.io.</summary>
    /// <param name="left">Cancelled when the client goes.</param>
    public static async Task<WebSocketOutput> ForBytesAsync(HttpContext context, CancellationTokenSource left)
    {
        var protocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(offered => offered is "binary.k8s.io" or "base64.binary.k8s.io");
        return new WebSocketOutput(await context.WebSockets.AcceptWebSocketAsync(protocol), protocol == "base64.binary.k8s.io" ? Form.Base64 : Form.Binary, left);
    }

    /// <summary>For documents in JSON, a message each. The client may call its protocol what it likes.</summary>
    /// <param name="left">As above.</param>
    public static async Task<WebSocketOutput> ForDocumentsAsync(HttpContext context, CancellationTokenSource left) =>
        new(await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault()), Form.Text, left);

    /// <summary>Sends a message. One that is on its way when it is cancelled has a while yet: after half a message there is no end in order.</summary>
    /// <exception cref="WebSocketException">The client has gone.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, TimeProvider clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        await using var cancelled = cancellationToken.UnsafeRegister(static late => ((CancellationTokenSource)late!).CancelAfter(GoodbyeTime), late);
        await _socket.SendAsync(_form == Form.Base64 ? InBase64(data.Span) : data, _form == Form.Binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, endOfMessage: true, late.Token);
    }

    /// <summary>There is no more to come. Hanging up at once could overtake the last of it on its way to the client.</summary>
    public async Task FinishAsync(TimeProvider clock)
    {
        using var late = new CancellationTokenSource(GoodbyeTime, clock);
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, late.Token);
            await _input.WaitAsync(late.Token);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            return; // the client has gone, or never will
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _input;
        _socket.Dispose();
    }

    private static byte[] InBase64(ReadOnlySpan<byte> data)
    {
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(data.Length)];
        Base64.EncodeToUtf8(data, text, out _, out _);
        return text;
    }

    /// <summary>The client has nothing to say but that it goes.</summary>
    private static async Task FollowAsync(WebSocket socket, CancellationTokenSource left)
    {
        try
        {
            while (await WebSocketMessages.ReadAsync(socket, CancellationToken.None) is not null) continue;
        }
        catch (OperationCanceledException)
        {
            return; // aborted from here
        }

        await left.CancelAsync();
    }
}
