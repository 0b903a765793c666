using System.Threading.Channels;
using ActorCluster.ApiServer.Streams;

namespace ActorCluster.ApiServer.Spdy;

/// <summary>One stream that the client has opened: two halves that end each on its own.</summary>
internal sealed class SpdyStream(SpdyConnection connection, uint id, IReadOnlyDictionary<string, string> headers) : IForwardedConnection
{
    private const int Waiting = 16;
    private readonly Channel<ReadOnlyMemory<byte>> _input = Channel.CreateBounded<ReadOnlyMemory<byte>>(Waiting);
    private int _closed;

    public uint Id => id;

    public SpdyWindow Window { get; } = new();

    /// <summary>A header of its opening; "" when it has none of that name.</summary>
    public string Header(string name) => headers.GetValueOrDefault(name, "");

    /// <summary>What the client sends; an empty result means that it is done.</summary>
    /// <exception cref="IOException">The client has reset the stream, or the connection is gone.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _input.Reader.WaitToReadAsync(cancellationToken))
        {
            if (!_input.Reader.TryRead(out var data)) continue;
            await connection.ConsumedAsync(this, data.Length, cancellationToken);
            return data;
        }
        return default;
    }

    /// <exception cref="IOException">The stream or the connection is gone.</exception>
    public Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => connection.SendAsync(this, data, cancellationToken);

    /// <summary>Ends the server's half.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0) await connection.SendAsync(new SpdyFrame.Data(id, ReadOnlyMemory<byte>.Empty, Fin: true), cancellationToken);
    }

    /// <summary>Ends both halves, whatever is still on its way.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _closed, 1);
        connection.Forget(this);
        OnGone(new IOException("the stream was reset"));
        await connection.SendAsync(new SpdyFrame.RstStream(id, SpdyReset.Cancel), cancellationToken);
    }

    /// <summary>Called by the connection's reader, which waits while too much is unread.</summary>
    public async ValueTask OnDataAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            if (!data.IsEmpty) await _input.Writer.WriteAsync(data, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            // Data for a half that is closed already goes nowhere.
        }
    }

    public void OnFin() => _input.Writer.TryComplete();

    public void OnGone(IOException fault)
    {
        _input.Writer.TryComplete(fault);
        Window.Close();
    }
}
