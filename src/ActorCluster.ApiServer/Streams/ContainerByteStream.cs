using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Streams;

/// <summary>A container stream that carries one connection, as the Stream that HttpClient works on: writes are its input, reads its output.</summary>
internal sealed class ContainerByteStream : Stream
{
    private readonly IContainerStream _stream;
    private readonly CancellationTokenSource _closed = new();
    private readonly IAsyncEnumerator<StreamChunk> _output;
    private ReadOnlyMemory<byte> _unread;
    private bool _ended;

    public ContainerByteStream(IContainerStream stream)
    {
        _stream = stream;
        _output = stream.ReadAllAsync(_closed.Token).GetAsyncEnumerator(_closed.Token);
    }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (_unread.IsEmpty)
        {
            if (_ended) return 0;
            await using var cancelled = cancellationToken.Register(_closed.Cancel);
            if (await _output.MoveNextAsync()) _unread = _output.Current.Data;
            else await EndAsync();
        }
        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await _stream.WriteAsync(StreamChannel.Stdin, buffer, cancellationToken);
        }
        catch (ContainerStreamException lost)
        {
            throw new IOException(lost.Message, lost);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _closed.CancelInOrderAsync();
        await _stream.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closed.Cancel();
            // Only posts a message; there is nothing to wait for.
            _ = _stream.DisposeAsync().AsTask();
        }
        base.Dispose(disposing);
    }

    private async Task EndAsync()
    {
        _ended = true;
        try
        {
            var exit = await _stream.Completion;
            if (exit.Message is { } fault) throw new IOException(fault);
        }
        catch (ContainerStreamException lost)
        {
            throw new IOException(lost.Message, lost);
        }
    }
}
