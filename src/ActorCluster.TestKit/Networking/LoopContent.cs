using System.Net;

namespace ActorCluster.TestKit.Networking;

/// <summary>A response's body that is read on the cluster's loop, so that time passes while somebody waits for it.</summary>
internal sealed class LoopContent : HttpContent
{
    private readonly TestCluster _cluster;
    private readonly HttpContent _inner;

    public LoopContent(TestCluster cluster, HttpContent inner)
    {
        (_cluster, _inner) = (cluster, inner);
        foreach (var (name, values) in inner.Headers) Headers.TryAddWithoutValidation(name, values);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _cluster.RunAsync(() => _inner.CopyToAsync(stream, context));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _cluster.RunAsync(() => _inner.CopyToAsync(stream, context, cancellationToken));

    protected override async Task<Stream> CreateContentReadStreamAsync() => new LoopStream(_cluster, await _cluster.RunAsync(() => _inner.ReadAsStreamAsync()));

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }

    private sealed class LoopStream(TestCluster cluster, Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(cluster.RunAsync(() => inner.ReadAsync(buffer, cancellationToken).AsTask()));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => cluster.RunAndWait(() => inner.ReadAsync(buffer, offset, count));

        public override void Flush()
        {
            // Nothing is written.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
