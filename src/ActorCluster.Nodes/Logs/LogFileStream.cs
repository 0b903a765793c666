namespace ActorCluster.Nodes.Logs;

/// <summary>A container's log as a file (<see cref="LogFile"/>) that somebody has open: it grows as the container writes. Nothing of it ever waits.</summary>
/// <remarks>What the log doesn't keep any longer is passed over, as after a rotation.</remarks>
internal sealed class LogFileStream(ContainerLog log) : Stream
{
    private IReadOnlyList<LogEntry> _entries = [];
    private int _index;
    private ReadOnlyMemory<byte> _rest;
    private long _next;
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => log.FileLength;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            MoveTo(value);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length && (_rest.Length > 0 || Advance()))
        {
            var count = Math.Min(_rest.Length, buffer.Length - total);
            _rest.Span[..count].CopyTo(buffer[total..]);
            _rest = _rest[count..];
            total += count;
        }
        _position += total;
        return total;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => _position,
        _ => Length,
    };

    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    /// <returns>False if there is no more, for now.</returns>
    private bool Advance()
    {
        if (_index == _entries.Count)
        {
            var slice = log.Read(_next);
            (_entries, _index, _next) = (slice.Entries, 0, slice.Next);
            if (_entries.Count == 0) return false;
        }
        _rest = LogFile.Render(_entries[_index++]);
        return true;
    }

    private void MoveTo(long position)
    {
        var (slice, at) = log.ReadFile();
        (_entries, _index, _next, _rest) = (slice.Entries, 0, slice.Next, default);
        while (_index < _entries.Count && at + LogFile.LengthOf(_entries[_index]) <= position) at += LogFile.LengthOf(_entries[_index++]);
        if (at < position && Advance()) _rest = _rest[(int)(position - at)..];
        _position = position;
    }
}
