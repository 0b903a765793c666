using System.Buffers;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>nc's network side: a TCP connection, or a UDP socket and who it talks to.</summary>
internal abstract class NetCatChannel : IInputStream, IOutputStream, IAsyncDisposable
{
    public abstract SocketAddress Local { get; }
    public abstract SocketAddress Remote { get; }

    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Nothing more will be sent.</summary>
    public abstract ValueTask EndWritingAsync();

    public abstract ValueTask DisposeAsync();
}

internal sealed class TcpChannel(ITcpConnection connection) : NetCatChannel
{
    public override SocketAddress Local => connection.Local;
    public override SocketAddress Remote => connection.Remote;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await connection.Input.ReadAsync(cancellationToken);
        var taken = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length));
        taken.CopyTo(buffer.Span);
        var count = (int)taken.Length;
        connection.Input.AdvanceTo(taken.End);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if ((await connection.Output.WriteAsync(data, cancellationToken)).IsCompleted) throw new BrokenPipeException();
    }

    public override ValueTask EndWritingAsync() => connection.Output.CompleteAsync();

    public override ValueTask DisposeAsync() => connection.DisposeAsync();
}

/// <param name="first">What came already and made <paramref name="remote"/> known; null for a client.</param>
internal sealed class UdpChannel(IUdpSocket socket, SocketAddress remote, ReadOnlyMemory<byte>? first) : NetCatChannel
{
    private ReadOnlyMemory<byte>? _first = first;

    public override SocketAddress Local => socket.Local;
    public override SocketAddress Remote => remote;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var payload = _first;
        _first = null;
        while (payload is null || payload.Value.IsEmpty)
        {
            var datagram = await socket.ReceiveAsync(cancellationToken);
            if (datagram.Remote == remote) payload = datagram.Payload;
        }
        var count = Math.Min(payload.Value.Length, buffer.Length);
        payload.Value[..count].CopyTo(buffer);
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        socket.Send(data, remote);
        return default;
    }

    public override ValueTask EndWritingAsync() => default;

    public override ValueTask DisposeAsync()
    {
        socket.Dispose();
        return default;
    }
}
