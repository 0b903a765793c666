using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Streams;

/// <summary>The caller's input as a process's stdin.</summary>
internal sealed class PeerInput(IContainerStreamPeer peer) : IInputStream
{
    private ReadOnlyMemory<byte> _rest;
    private bool _ended;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_rest.IsEmpty && !_ended)
        {
            _rest = await peer.ReadAsync(StreamChannel.Stdin, cancellationToken);
            _ended = _rest.IsEmpty;
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }
}

/// <summary>A process's output that goes to the caller. When the caller is gone, the process writes into a broken pipe.</summary>
internal sealed class PeerOutput(IContainerStreamPeer peer, StreamChannel channel) : IOutputStream
{
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            // The caller may keep the memory after the program has reused its buffer.
            await peer.WriteAsync(channel, data.ToArray(), cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BrokenPipeException();
        }
    }
}

/// <summary>/dev/null.</summary>
internal sealed class NoOutput : IOutputStream
{
    public static readonly NoOutput Instance = new();

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => default;
}
