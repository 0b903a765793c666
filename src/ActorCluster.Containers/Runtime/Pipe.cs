namespace ActorCluster.Containers.Runtime;

/// <summary>A Unix pipe (pipe(7)): 64 KiB, any number of readers and writers, writes of up to 4096 bytes are atomic.</summary>
internal sealed class Pipe
{
    public const int Capacity = 65536;
    private const int AtomicWrite = 4096;

    private readonly Lock _gate = new();
    private byte[] _ring = new byte[512];
    private int _head;
    private int _count;
    private int _readers = 1;
    private int _writers = 1;
    private TaskCompletionSource? _changed;

    public Pipe()
    {
        Reader = new End(this, reads: true);
        Writer = new End(this, reads: false);
    }

    /// <summary>Held once by whoever made the pipe, who releases it after handing it on.</summary>
    public IInputStream Reader { get; }

    public IOutputStream Writer { get; }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            lock (_gate)
            {
                if (_count > 0 || _writers == 0 || buffer.Length == 0)
                {
                    var count = Take(buffer.Span);
                    Changed();
                    return count;
                }
                wait = NextChange();
            }
            await wait.WaitAsync(cancellationToken);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            lock (_gate)
            {
                if (_readers == 0) throw new BrokenPipeException();
                var free = Capacity - _count;
                if (free >= Math.Min(data.Length, AtomicWrite))
                {
                    var part = data[..Math.Min(free, data.Length)];
                    Put(part.Span);
                    data = data[part.Length..];
                    Changed();
                    continue;
                }
                wait = NextChange();
            }
            await wait.WaitAsync(cancellationToken);
        }
        while (data.Length > 0);
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _count);
        var first = Math.Min(count, _ring.Length - _head);
        _ring.AsSpan(_head, first).CopyTo(buffer);
        _ring.AsSpan(0, count - first).CopyTo(buffer[first..]);
        _head = (_head + count) % _ring.Length;
        _count -= count;
        return count;
    }

    private void Put(ReadOnlySpan<byte> data)
    {
        if (_count + data.Length > _ring.Length)
        {
            var larger = new byte[Math.Min(Capacity, Math.Max(_count + data.Length, _ring.Length * 2))];
            var held = _count;
            Take(larger);
            (_ring, _head, _count) = (larger, 0, held);
        }
        var tail = (_head + _count) % _ring.Length;
        var first = Math.Min(data.Length, _ring.Length - tail);
        data[..first].CopyTo(_ring.AsSpan(tail));
        data[first..].CopyTo(_ring);
        _count += data.Length;
    }

    private Task NextChange() => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Changed()
    {
        _changed?.SetResult();
        _changed = null;
    }

    private void Adjust(bool reads, int by)
    {
        lock (_gate)
        {
            if (reads) _readers += by;
            else _writers += by;
            if ((reads ? _readers : _writers) != 0) return;
            if (reads) (_ring, _head, _count) = ([], 0, 0);
            Changed();
        }
    }

    private sealed class End(Pipe pipe, bool reads) : IInputStream, IOutputStream, ISharedStream
    {
        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => pipe.ReadAsync(buffer, cancellationToken);
        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => pipe.WriteAsync(data, cancellationToken);
        public void Hold() => pipe.Adjust(reads, 1);
        public void Release() => pipe.Adjust(reads, -1);
    }
}
