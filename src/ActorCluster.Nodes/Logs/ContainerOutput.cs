using System.Buffers;
using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Logs;

/// <summary>A main process's stdout or stderr: goes to the log, and to whoever is attached just now.</summary>
/// <param name="keepForFirst">
/// The first to attach gets what was written before, too, as by `docker run -i`. For containers that are made to be attached to once (`kubectl run -i`):
/// upstream's own client loses what such a container writes before it is attached, and a container here starts faster than any client attaches.
/// </param>
internal sealed class ContainerOutput(ContainerLog log, StreamChannel channel, bool keepForFirst = false) : IOutputStream
{
    /// <summary>Who writes more than this while nobody attaches isn't waited for by anybody.</summary>
    private const int MostKept = 64 * 1024;

    private readonly Lock _lock = new();
    private ArrayBufferWriter<byte>? _kept = keepForFirst ? new() : null;
    private ImmutableArray<Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>> _attached = [];

    /// <summary>Nobody has attached yet, and the first who does misses nothing.</summary>
    public bool WaitsForFirst
    {
        get
        {
            lock (_lock) return _kept is not null;
        }
    }

    /// <summary>What was written until now isn't kept any longer: somebody has it from the log.</summary>
    public void Forget()
    {
        lock (_lock) _kept?.Clear();
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        log.Append(channel, data.Span);
        foreach (var client in Receivers(data.Span)) await client(data, cancellationToken);
    }

    /// <summary>
    /// From now on the client gets what is written, too; it sets the pace, as containerd's attach does. Undone by disposal. Returns when the client
    /// has what was kept for it.
    /// </summary>
    public async Task<IDisposable> AttachAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> client, CancellationToken cancellationToken)
    {
        var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var attachment = new Attachment(this, async (data, writing) =>
        {
            await caughtUp.Task.WaitAsync(writing);
            await client(data, writing);
        });
        ReadOnlyMemory<byte> before;
        lock (_lock)
        {
            before = _kept?.WrittenMemory ?? default;
            _kept = null;
            _attached = _attached.Add(attachment.Client);
        }

        try
        {
            if (!before.IsEmpty) await client(before, cancellationToken);
            return attachment;
        }
        catch
        {
            attachment.Dispose();
            throw;
        }
        finally
        {
            caughtUp.SetResult();
        }
    }

    private ImmutableArray<Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>> Receivers(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (_kept is not null)
            {
                if (_kept.WrittenCount + data.Length <= MostKept) _kept.Write(data);
                else _kept = null;
            }

            return _attached;
        }
    }

    private sealed class Attachment(ContainerOutput output, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> client) : IDisposable
    {
        public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> Client => client;

        public void Dispose()
        {
            lock (output._lock) output._attached = output._attached.Remove(client);
        }
    }
}
