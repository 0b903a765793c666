using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.FileSystem;

/// <summary>What a character device does when it is read and written.</summary>
internal abstract class DeviceStream : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>/dev/null, and /dev/zero and /dev/full by what they read and refuse.</summary>
internal sealed class NullStream(bool zeros = false, bool full = false) : DeviceStream
{
    public override int Read(Span<byte> buffer)
    {
        if (!zeros) return 0;
        buffer.Clear();
        return buffer.Length;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (full) throw new FileFaultException(FileFault.NoSpace, "/dev/full");
    }
}

/// <summary>/dev/random and /dev/urandom: the cluster's seeded chance.</summary>
internal sealed class RandomStream(Contracts.Runtime.RandomSource random) : DeviceStream
{
    public override int Read(Span<byte> buffer)
    {
        random.NextBytes(buffer);
        return buffer.Length;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
    }
}

/// <summary>A process's standard stream opened by name (/dev/stdout, /proc/1/fd/1). It can wait, so only the async calls work.</summary>
internal sealed class StandardStream(IInputStream? input, IOutputStream? output) : DeviceStream
{
    public IInputStream? Input => input;
    public IOutputStream? Output => output;
    public override bool CanRead => input is not null;
    public override bool CanWrite => output is not null;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("Read it with ReadAsync: it may have to wait.");
    public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException("Write to it with WriteAsync: it may have to wait.");

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        input?.ReadAsync(buffer, cancellationToken) ?? throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        output?.WriteAsync(buffer, cancellationToken) ?? throw new NotSupportedException();
}
