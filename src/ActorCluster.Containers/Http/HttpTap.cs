namespace ActorCluster.Containers.Http;

/// <summary>A connection that remembers the head of each request and response as it was on the wire.</summary>
internal sealed class HttpTap(Stream inner) : Stream
{
    private readonly MemoryStream _sent = new();
    private readonly MemoryStream _received = new();
    private int _sentHead = -1;
    private int _receivedHead = -1;

    /// <summary>Body bytes sent since the last <see cref="Reset"/>.</summary>
    public long Uploaded { get; private set; }

    /// <summary>Anything at all came since the last <see cref="Reset"/>.</summary>
    public bool HasReceived => _received.Length > 0;

    /// <summary>Forgets what was before: a new request starts.</summary>
    public void Reset()
    {
        _sent.SetLength(0);
        _received.SetLength(0);
        (_sentHead, _receivedHead, Uploaded) = (-1, -1, 0);
    }

    /// <summary>With its empty line; what there is of it if it isn't complete.</summary>
    public ReadOnlySpan<byte> SentHead => _sent.GetBuffer().AsSpan(0, _sentHead < 0 ? (int)_sent.Length : _sentHead);

    /// <summary>The same of the answer, interim answers (100 Continue) included.</summary>
    public ReadOnlyMemory<byte> ReceivedHead => _received.GetBuffer().AsMemory(0, _receivedHead < 0 ? (int)_received.Length : _receivedHead);

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        if (_receivedHead < 0 && read > 0)
        {
            _received.Write(buffer.Span[..read]);
            var seen = _received.GetBuffer().AsSpan(0, (int)_received.Length);
            var start = 0;
            while (EndOfHead(seen[start..]) is var end && end > 0)
            {
                var isInterim = seen[start..].StartsWith("HTTP/1.1 1"u8);
                start += end;
                if (isInterim) continue;
                _receivedHead = start;
                break;
            }
        }
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_sentHead < 0)
        {
            var before = (int)_sent.Length;
            _sent.Write(buffer.Span);
            _sentHead = EndOfHead(_sent.GetBuffer().AsSpan(0, (int)_sent.Length));
            if (_sentHead >= 0) Uploaded += before + buffer.Length - _sentHead;
        }
        else
        {
            Uploaded += buffer.Length;
        }
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Every write is sent as it is made.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    /// <returns>The length including the empty line; -1 if it isn't there yet.</returns>
    private static int EndOfHead(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        return end < 0 ? -1 : end + 4;
    }
}
