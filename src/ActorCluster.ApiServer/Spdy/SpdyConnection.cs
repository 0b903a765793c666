using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace ActorCluster.ApiServer.Spdy;

/// <summary>The server's end of a SPDY/3.1 connection: the client opens streams, the server answers on them.</summary>
internal sealed class SpdyConnection(Stream transport) : IAsyncDisposable
{
    private const int LargestData = 32 * 1024;
    private const int MostStreams = 1000;
    private const int UpdateEvery = SpdyWindow.InitialSize / 2;
    private static readonly Dictionary<string, string> NoHeaders = [];
    private readonly ConcurrentDictionary<uint, SpdyStream> _streams = new();
    private readonly Channel<SpdyStream> _opened = Channel.CreateUnbounded<SpdyStream>();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly SpdyFrameReader _reader = new(transport);
    private readonly SpdyFrameWriter _writer = new();
    private readonly SpdyWindow _window = new();
    private readonly ConcurrentDictionary<uint, int> _consumed = new();
    private uint _lastId;
    private int _initialGrowth;

    /// <summary>The streams in the order in which the client opens them; completes when the connection has ended.</summary>
    public ChannelReader<SpdyStream> Opened => _opened.Reader;

    /// <summary>Reads until the client hangs up or says something that it mustn't.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var end = new IOException("the connection was closed");
        try
        {
            while (await _reader.ReadAsync(cancellationToken) is { } frame) await OnFrameAsync(frame, cancellationToken);
        }
        catch (SpdyException wrong)
        {
            end = wrong;
            await TrySayGoodbyeAsync(cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or WebSocketException)
        {
            end = gone as IOException ?? new IOException("the connection was closed", gone);
        }
        finally
        {
            _opened.Writer.TryComplete();
            _window.Close();
            foreach (var stream in _streams.Values) stream.OnGone(end);
        }
    }

    public async Task SendAsync(SpdyStream stream, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var room = await stream.Window.TakeAsync(Math.Min(data.Length, LargestData), cancellationToken);
            var shared = await _window.TakeAsync(room, cancellationToken);
            if (shared < room) stream.Window.Return(room - shared);
            await SendAsync(new SpdyFrame.Data(stream.Id, data[..shared]), cancellationToken);
            data = data[shared..];
        }
    }

    public async Task SendAsync(SpdyFrame frame, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await transport.WriteAsync(_writer.Write(frame), cancellationToken);
            await transport.FlushAsync(cancellationToken);
        }
        catch (Exception gone) when (gone is ObjectDisposedException or InvalidOperationException or WebSocketException)
        {
            throw new IOException("the connection was closed", gone);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Makes room for the client again, now and then.</summary>
    public async ValueTask ConsumedAsync(SpdyStream stream, int bytes, CancellationToken cancellationToken)
    {
        foreach (var id in (uint[])[stream.Id, 0])
        {
            var total = _consumed.AddOrUpdate(id, bytes, (_, before) => before + bytes);
            if (total < UpdateEvery || !_consumed.TryUpdate(id, 0, total)) continue;
            await SendAsync(new SpdyFrame.WindowUpdate(id, total), cancellationToken);
        }
    }

    public void Forget(SpdyStream stream)
    {
        _streams.TryRemove(stream.Id, out _);
        _consumed.TryRemove(stream.Id, out _);
    }

    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync();
        _sending.Dispose();
        _writer.Dispose();
    }

    private async ValueTask OnFrameAsync(SpdyFrame frame, CancellationToken cancellationToken)
    {
        switch (frame)
        {
            case SpdyFrame.SynStream syn: await OnSynStreamAsync(syn, cancellationToken); break;
            case SpdyFrame.Data data: await OnDataAsync(data, cancellationToken); break;
            case SpdyFrame.RstStream reset: OnReset(reset); break;
            case SpdyFrame.Ping { Id: var id } ping when id % 2 == 1: await SendAsync(ping, cancellationToken); break;
            case SpdyFrame.WindowUpdate update: await OnWindowAsync(update, cancellationToken); break;
            case SpdyFrame.Settings { InitialWindow: { } window }: OnInitialWindow(window); break;
            default: break; // replies to streams that the server doesn't open, goodbyes before the end, settings of no interest
        }
    }

    private async ValueTask OnSynStreamAsync(SpdyFrame.SynStream syn, CancellationToken cancellationToken)
    {
        if (syn.Id % 2 == 0 || syn.Id <= _lastId) throw new SpdyException($"stream {syn.Id} was opened after stream {_lastId}");
        _lastId = syn.Id;
        if (_streams.Count >= MostStreams)
        {
            await SendAsync(new SpdyFrame.RstStream(syn.Id, SpdyReset.RefusedStream), cancellationToken);
            return;
        }
        var stream = new SpdyStream(this, syn.Id, syn.Headers);
        if (_initialGrowth != 0) stream.Window.Grow(_initialGrowth);
        _streams[syn.Id] = stream;
        if (syn.Fin) stream.OnFin();
        await SendAsync(new SpdyFrame.SynReply(syn.Id, NoHeaders), cancellationToken);
        _opened.Writer.TryWrite(stream);
    }

    private async ValueTask OnDataAsync(SpdyFrame.Data data, CancellationToken cancellationToken)
    {
        if (!_streams.TryGetValue(data.Id, out var stream))
        {
            // A stream that was there once may still have data under way.
            if (data.Id > _lastId) await SendAsync(new SpdyFrame.RstStream(data.Id, SpdyReset.InvalidStream), cancellationToken);
            return;
        }
        await stream.OnDataAsync(data.Bytes, cancellationToken);
        if (data.Fin) stream.OnFin();
    }

    private void OnReset(SpdyFrame.RstStream reset)
    {
        if (!_streams.TryRemove(reset.Id, out var stream)) return;
        _consumed.TryRemove(reset.Id, out _);
        stream.OnGone(new IOException("the client has reset the stream"));
    }

    private async ValueTask OnWindowAsync(SpdyFrame.WindowUpdate update, CancellationToken cancellationToken)
    {
        if (update.Id == 0)
        {
            if (!_window.Grow(update.Delta)) throw new SpdyException("the connection's window is too large");
        }
        else if (_streams.TryGetValue(update.Id, out var stream) && !stream.Window.Grow(update.Delta))
        {
            OnReset(new SpdyFrame.RstStream(update.Id, SpdyReset.FlowControlError));
            await SendAsync(new SpdyFrame.RstStream(update.Id, SpdyReset.FlowControlError), cancellationToken);
        }
    }

    private void OnInitialWindow(int window)
    {
        var growth = window - SpdyWindow.InitialSize;
        foreach (var stream in _streams.Values) stream.Window.Grow(growth - _initialGrowth);
        _initialGrowth = growth;
    }

    private async Task TrySayGoodbyeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(new SpdyFrame.GoAway(_lastId, 1), cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return; // nobody is there to hear it
        }
    }
}
