using System.IO.Pipelines;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Nodes.Processes;

/// <summary>The stdin of a main process (spec stdin: true): filled by whoever is attached, open between attachments unless stdinOnce says otherwise.</summary>
internal sealed class AttachedInput : IInputStream
{
    private readonly Pipe _pipe;
    private readonly SemaphoreSlim _writing = new(1);

    public AttachedInput(PipeScheduler scheduler) => _pipe = new Pipe(new PipeOptions(readerScheduler: scheduler, writerScheduler: scheduler, useSynchronizationContext: false));

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await _pipe.Reader.ReadAsync(cancellationToken);
        var available = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        var count = 0;
        foreach (var segment in available)
        {
            segment.CopyTo(buffer[count..]);
            count += segment.Length;
        }
        _pipe.Reader.AdvanceTo(available.End);
        return count;
    }

    /// <returns>False once the input is closed.</returns>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return !(await _pipe.Writer.WriteAsync(data, cancellationToken)).IsCompleted;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>End of input, for good.</summary>
    public void Close() => _pipe.Writer.Complete();

    /// <summary>Nobody reads any more.</summary>
    public void Abandon() => _pipe.Reader.Complete();
}
