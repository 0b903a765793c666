using System.Net.WebSockets;
using System.Text;
using ActorCluster.ApiServer.Spdy;

namespace ActorCluster.ApiServer.Tests.Support;

/// <summary>A client of SPDY connections as kubectl makes them: by HTTP upgrade, or in a WebSocket.</summary>
internal sealed class SpdyClient : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly SpdyFrameReader _reader;
    private readonly SpdyFrameWriter _writer = new();
    private uint _lastId;

    private SpdyClient(Stream stream)
    {
        _stream = stream;
        _reader = new SpdyFrameReader(stream);
    }

    public static async Task<SpdyClient> UpgradeAsync(TestServer server, string path, string protocol)
    {
        var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: {protocol}\r\nX-Stream-Protocol-Version: channel.k8s.io\r\nContent-Length: 0\r\n\r\n");
        var head = await connection.ReadThroughAsync("\r\n\r\n");
        head.ShouldStartWith("HTTP/1.1 101 ");
        head.ShouldContain($"X-Stream-Protocol-Version: {protocol}\r\n");
        return new SpdyClient(connection.Stream);
    }

    public static async Task<SpdyClient> TunnelAsync(TestServer server, string path, string protocol)
    {
        var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync(
            $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: SPDY/3.1+{protocol}\r\n\r\n");
        var head = await connection.ReadThroughAsync("\r\n\r\n");
        head.ShouldStartWith("HTTP/1.1 101 ");
        head.ShouldContain($"Sec-WebSocket-Protocol: SPDY/3.1+{protocol}\r\n");
        return new SpdyClient(WebSocketStream.Create(WebSocket.CreateFromStream(connection.Stream, new WebSocketCreationOptions()), WebSocketMessageType.Binary, ownsWebSocket: true));
    }

    public async Task<uint> OpenAsync(params (string Name, string Value)[] headers)
    {
        var id = _lastId == 0 ? 1 : _lastId + 2;
        _lastId = id;
        await SendAsync(new SpdyFrame.SynStream(id, headers.ToDictionary(h => h.Name, h => h.Value)));
        return id;
    }

    public Task SendAsync(uint id, string text, bool fin = false) => SendAsync(new SpdyFrame.Data(id, Encoding.UTF8.GetBytes(text), fin));

    public async Task SendAsync(SpdyFrame frame) => await _stream.WriteAsync(_writer.Write(frame));

    public async Task SendRawAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    public ValueTask<SpdyFrame?> ReadAsync(CancellationToken cancellationToken) => _reader.ReadAsync(cancellationToken);

    /// <summary>What comes on each stream until all of these have ended, or were reset (then with "[reset]" at their end).</summary>
    public async Task<Dictionary<uint, string>> ReadToEndAsync(params uint[] ids)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var open = ids.ToHashSet();
        var texts = ids.ToDictionary(i => i, _ => "");
        while (open.Count > 0 && await ReadAsync(limit.Token) is { } frame)
        {
            switch (frame)
            {
                case SpdyFrame.Data data:
                    texts[data.Id] = texts.GetValueOrDefault(data.Id) + Encoding.UTF8.GetString(data.Bytes.Span);
                    if (data.Fin) open.Remove(data.Id);
                    break;
                case SpdyFrame.RstStream reset:
                    texts[reset.Id] = texts.GetValueOrDefault(reset.Id) + "[reset]";
                    open.Remove(reset.Id);
                    break;
            }
        }
        return texts;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _writer.Dispose();
    }
}
