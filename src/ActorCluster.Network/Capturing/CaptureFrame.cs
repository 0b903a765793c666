using System.Buffers.Binary;
using System.Text;

namespace ActorCluster.Network.Capturing;

/// <summary>One captured packet on its way from a node to who writes the file: length, time, direction, pod and the packet's bytes.</summary>
/// <param name="Bytes">Beginning with the IP header.</param>
public sealed record CaptureFrame(long Nanoseconds, string Pod, bool IsInbound, byte[] Bytes)
{
    private const int Head = 4 + 8 + 1 + 2;
    private const int Largest = 128 * 1024;

    public static CaptureFrame Of(in CapturedPacket captured) => new(captured.Nanoseconds, captured.Pod, captured.IsInbound, PacketBytes.Of(captured.Packet));

    public byte[] Encode()
    {
        var name = Encoding.UTF8.GetByteCount(Pod);
        var bytes = new byte[Head + name + Bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(4), Nanoseconds);
        bytes[12] = IsInbound ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(13), (ushort)name);
        Encoding.UTF8.GetBytes(Pod, bytes.AsSpan(Head));
        Bytes.CopyTo(bytes, Head + name);
        return bytes;
    }

    /// <returns>Null: the stream ended, at a frame's end or within one.</returns>
    /// <exception cref="InvalidDataException">These are no frames.</exception>
    public static async Task<CaptureFrame?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[Head];
        if (await stream.ReadAtLeastAsync(head, Head, throwOnEndOfStream: false, cancellationToken) < Head) return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        var name = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(13));
        if (length < Head + name || length > Largest) throw new InvalidDataException("The capture's stream is damaged.");
        var rest = new byte[length - Head];
        if (await stream.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken) < rest.Length) return null;
        return new(BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(4)), Encoding.UTF8.GetString(rest.AsSpan(0, name)), head[12] != 0, rest[name..]);
    }
}
