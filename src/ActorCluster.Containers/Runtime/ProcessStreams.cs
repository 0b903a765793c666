namespace ActorCluster.Containers.Runtime;

/// <summary>A stream end that several processes may hold; closed when the last lets go, as a file description is.</summary>
internal interface ISharedStream
{
    void Hold();
    void Release();
}

/// <summary>A stream that is a terminal.</summary>
internal interface ITerminalStream;

internal static class ProcessStreams
{
    /// <summary>The stream behind what a process was given: what its children get, so that they outlive it.</summary>
    public static object Unwrap(object stream) => stream switch
    {
        ProcessInput input => input.Inner,
        ProcessOutput output => output.Inner,
        _ => stream,
    };
}

/// <summary>A process's input: cut off from what it reads when the process ended, whatever its program still does.</summary>
internal sealed class ProcessInput(IInputStream inner, Process process) : IInputStream
{
    public IInputStream Inner => inner;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        process.ThrowIfEnded();
        if (cancellationToken == process.Killed || !cancellationToken.CanBeCanceled) return await inner.ReadAsync(buffer, process.Killed);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, process.Killed);
        return await inner.ReadAsync(buffer, both.Token);
    }
}

/// <summary>A process's output, cut off likewise. Yields now and then, so that a program that only writes doesn't keep its thread.</summary>
internal sealed class ProcessOutput(IOutputStream inner, Process process) : IOutputStream
{
    private const int WritesBetweenYields = 64;
    private int _writes;

    public IOutputStream Inner => inner;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        process.ThrowIfEnded();
        if (++_writes % WritesBetweenYields == 0) await Task.Yield();
        if (cancellationToken == process.Killed || !cancellationToken.CanBeCanceled)
        {
            await inner.WriteAsync(data, process.Killed);
            return;
        }
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, process.Killed);
        await inner.WriteAsync(data, both.Token);
    }
}

/// <summary>/dev/null as standard input.</summary>
internal sealed class EmptyInput : IInputStream
{
    public static readonly EmptyInput Instance = new();

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => new(0);
}

/// <summary>Any <see cref="Stream"/>, an open file above all, as a process's input or output.</summary>
internal sealed class FileInput(Stream stream) : IInputStream
{
    public Stream Stream => stream;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => stream.ReadAsync(buffer, cancellationToken);
}

internal sealed class FileOutput(Stream stream) : IOutputStream
{
    private readonly Lock _gate = new();

    public Stream Stream => stream;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (stream is not FileSystem.FileContentStream file) return stream.WriteAsync(data, cancellationToken);
        // Several processes may share the one position, as after a fork.
        lock (_gate) file.Write(data.Span);
        return default;
    }
}
