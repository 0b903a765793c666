using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Logs;

/// <summary>One line of output, its newline included; the last one of an instance may lack it.</summary>
internal sealed record LogEntry(long Number, DateTimeOffset Time, StreamChannel Stream, ReadOnlyMemory<byte> Line);

/// <summary>
/// What one instance of a container wrote, by line with the time of its end, as container runtimes keep it. Bounded: the oldest lines go first.
/// Safe for concurrent use; costs next to nothing until the first line.
/// </summary>
/// <param name="limit">Bytes kept at most.</param>
internal sealed class ContainerLog(TimeProvider clock, int limit)
{
    /// <summary>A line that grows longer than this is cut into entries, as containerd does.</summary>
    private const int LongestLine = 16 * 1024;

    private readonly Lock _gate = new();
    private Queue<LogEntry>? _entries;
    private List<byte>? _partialOut;
    private List<byte>? _partialError;
    private TaskCompletionSource? _changed;
    private long _next;
    private long _bytes;
    private long _written;
    private long _dropped;
    private DateTimeOffset _changedAt = clock.GetUtcNow();
    private bool _complete;

    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>What it is long as a file (<see cref="LogFile"/>), in bytes: all that was ever written.</summary>
    public long FileLength
    {
        get
        {
            lock (_gate) return _written;
        }
    }

    /// <summary>When something was last written; when it was made, if nothing ever was.</summary>
    public DateTimeOffset Changed
    {
        get
        {
            lock (_gate) return _changedAt;
        }
    }

    public void Append(StreamChannel stream, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            ref var partial = ref stream == StreamChannel.Stderr ? ref _partialError : ref _partialOut;
            while (!data.IsEmpty)
            {
                var newline = data.IndexOf((byte)'\n');
                var part = newline < 0 ? data : data[..(newline + 1)];
                data = data[part.Length..];
                if (newline >= 0 && partial is null)
                {
                    Add(stream, part.ToArray());
                    continue;
                }
                (partial ??= []).AddRange(part);
                if (newline < 0 && partial.Count < LongestLine) continue;
                Add(stream, partial.ToArray());
                partial = null;
            }
            Signal();
        }
    }

    /// <summary>The instance ended: what it wrote without a newline counts, and followers come to their end.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (_partialOut is not null) Add(StreamChannel.Stdout, _partialOut.ToArray());
            if (_partialError is not null) Add(StreamChannel.Stderr, _partialError.ToArray());
            (_partialOut, _partialError, _complete) = (null, null, true);
            Signal();
        }
    }

    /// <summary>Everything kept from the entry numbered <paramref name="from"/> on.</summary>
    public LogSlice Read(long from)
    {
        lock (_gate)
        {
            IReadOnlyList<LogEntry> entries = _entries is null ? [] : [.. _entries.SkipWhile(entry => entry.Number < from)];
            return new LogSlice(entries, _next, _complete, _complete ? Task.CompletedTask : (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task);
        }
    }

    /// <summary>All that is kept, and where in the file it begins.</summary>
    public (LogSlice Slice, long Start) ReadFile()
    {
        lock (_gate) return (Read(0), _dropped);
    }

    /// <summary>The last of what was written, at most so many lines and bytes: the termination message of FallbackToLogsOnError.</summary>
    public byte[] Tail(int lines, int bytes)
    {
        var text = Read(0).Entries.TakeLast(lines).SelectMany(entry => entry.Line.ToArray()).ToArray();
        return text.Length <= bytes ? text : text[^bytes..];
    }

    private void Add(StreamChannel stream, byte[] line)
    {
        _entries ??= new();
        var entry = new LogEntry(_next++, clock.GetUtcNow(), stream, line);
        _entries.Enqueue(entry);
        _bytes += line.Length;
        _written += LogFile.LengthOf(entry);
        _changedAt = entry.Time;
        while (_bytes > limit && _entries.Count > 1)
        {
            var oldest = _entries.Dequeue();
            _bytes -= oldest.Line.Length;
            _dropped += LogFile.LengthOf(oldest);
        }
    }

    private void Signal()
    {
        _changed?.TrySetResult();
        _changed = null;
    }
}

/// <param name="Next">Where to read on.</param>
/// <param name="Complete">Nothing more will come.</param>
/// <param name="Changed">Done when there is more to read.</param>
internal readonly record struct LogSlice(IReadOnlyList<LogEntry> Entries, long Next, bool Complete, Task Changed);
