using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Http;

/// <summary>A simulated connection as the stream that HttpClient (and any other .NET client) works on. Disposal closes the connection.</summary>
public sealed class TcpConnectionStream(ITcpConnection connection) : Stream
{
    private readonly PipeReader _input = connection.Input;
    private readonly PipeWriter _output = connection.Output;
    private int _disposed;

    public ITcpConnection Connection { get; } = connection;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <remarks>A read of 0 bytes waits for data without taking any: how HttpClient learns that a pooled connection was closed.</remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // What is there already is taken without an async state machine.
        var read = _input.ReadAsync(cancellationToken);
        if (!read.IsCompletedSuccessfully) return WaitAndReadAsync(read, buffer, cancellationToken);
        var result = read.Result;
        return result.IsCanceled ? WaitAndReadAsync(_input.ReadAsync(cancellationToken), buffer, cancellationToken) : ValueTask.FromResult(Take(result, buffer.Span));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndReadAsync(ValueTask<ReadResult> read, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await read;
        while (result.IsCanceled) result = await _input.ReadAsync(cancellationToken);
        return Take(result, buffer.Span);
    }

    private int Take(in ReadResult result, Span<byte> destination)
    {
        var available = result.Buffer;
        var count = (int)Math.Min(available.Length, destination.Length);
        var taken = available.Slice(0, count);
        taken.CopyTo(destination);
        _input.AdvanceTo(taken.End);
        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var flushed = await _output.WriteAsync(buffer, cancellationToken);
        if (flushed.IsCompleted) throw new SocketFaultException(SocketFault.ConnectionReset);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Every write is sent as it is made.
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Simulated connections are asynchronous.");
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Simulated connections are asynchronous.");
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) await Connection.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        // HttpClient's pool disposes synchronously; a TCP close only starts here, as close(2) does, and the stack carries it on.
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0) _ = Connection.DisposeAsync().AsTask();
        base.Dispose(disposing);
    }
}
