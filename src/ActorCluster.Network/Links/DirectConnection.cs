using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace ActorCluster.Network.Links;

/// <summary>The sending end of a TCP connection to another process's <see cref="DirectListener"/>. For one caller at a time.</summary>
/// <remarks>A frame is the length of a batch (4 bytes, big-endian) and the batch as <see cref="PacketCodec"/> writes it.</remarks>
internal sealed class DirectConnection : IDisposable
{
    public const int HeaderLength = 4;

    private const int SmallestBuffer = 64 * 1024;
    private const int LargestKeptBuffer = 1024 * 1024;

    private readonly Socket _socket;
    private ArrayBufferWriter<byte> _buffer = new(SmallestBuffer);

    private DirectConnection(Socket socket) => _socket = socket;

    /// <param name="caller">This process's Akka address; the other end is told.</param>
    /// <returns>Null: nobody there, or not whom we were told of.</returns>
    public static async Task<DirectConnection?> ConnectAsync(string host, DirectLinkOffer offer, string caller, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, offer.Port, cancellationToken);
            await socket.SendAsync(DirectLinkSecret.CallersProof(offer.Secret), cancellationToken);
            await socket.SendAsync(DirectLinkCaller.Encode(caller), cancellationToken);
            var answer = new byte[DirectLinkSecret.ProofLength];
            if (await ReceiveAllAsync(socket, answer, cancellationToken) && DirectLinkSecret.IsSame(answer, DirectLinkSecret.ListenersProof(offer.Secret)))
                return new DirectConnection(socket);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            // As when a stranger answers: packets go on by Akka, and the far process is asked again.
        }
        socket.Dispose();
        return null;
    }

    /// <summary>Sends the packets; they are read before this returns.</summary>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">It was given up meanwhile.</exception>
    public ValueTask SendAsync(ReadOnlySpan<RoutedPacket> packets)
    {
        if (_buffer.Capacity > LargestKeptBuffer) _buffer = new(SmallestBuffer);
        else _buffer.ResetWrittenCount();
        while (!packets.IsEmpty)
        {
            var count = PacketBatch.LengthOfFirst(packets);
            var frame = _buffer.GetSpan(HeaderLength + PacketCodec.Size(packets[..count]));
            var length = PacketCodec.Encode(packets[..count], frame[HeaderLength..]);
            BinaryPrimitives.WriteInt32BigEndian(frame, length);
            _buffer.Advance(HeaderLength + length);
            packets = packets[count..];
        }
        return SendAllAsync(_buffer.WrittenMemory);
    }

    public void Dispose() => _socket.Dispose();

    /// <returns>False: the connection ended before.</returns>
    public static async ValueTask<bool> ReceiveAllAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var count = await socket.ReceiveAsync(buffer, cancellationToken);
            if (count == 0) return false;
            buffer = buffer[count..];
        }
        return true;
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes)..];
    }
}
