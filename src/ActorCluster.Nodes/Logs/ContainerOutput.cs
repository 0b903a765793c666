using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Logs;

/// <summary>A main process's stdout or stderr: goes to the log, and to whoever is attached just now.</summary>
internal sealed class ContainerOutput(ContainerLog log, StreamChannel channel) : IOutputStream
{
    private ImmutableArray<Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>> _attached = [];

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        log.Append(channel, data.Span);
        foreach (var client in _attached) await client(data, cancellationToken);
    }

    /// <summary>From now on the client gets what is written, too; it sets the pace, as containerd's attach does. Undone by disposal.</summary>
    public IDisposable Attach(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> client)
    {
        ImmutableInterlocked.Update(ref _attached, static (clients, added) => clients.Add(added), client);
        return new Attachment(this, client);
    }

    private sealed class Attachment(ContainerOutput output, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> client) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref output._attached, static (clients, removed) => clients.Remove(removed), client);
    }
}
