using System.Buffers.Binary;
using System.Text;

namespace ActorCluster.Network.Capturing;

/// <summary>One captured packet on its way from a node to who writes the file: length, time, direction, pod, a note and the packet's bytes.</summary>
/// <param name="Bytes">Beginning with the IP header.</param>
/// <param name="Note">What there is to say of it; "": nothing.</param>
public sealed record CaptureFrame(long Nanoseconds, string Pod, bool IsInbound, byte[] Bytes, string Note = "")
{
    private const int Head = 4 + 8 + 1 + 2 + 2;
    private const int Largest = 128 * 1024;

    public static CaptureFrame Of(in CapturedPacket captured) => new(captured.Nanoseconds, captured.Pod, captured.IsInbound, PacketBytes.Of(captured.Packet), captured.Note ?? "");

    public byte[] Encode()
    {
        var name = Encoding.UTF8.GetByteCount(Pod);
        var note = Encoding.UTF8.GetByteCount(Note);
        var bytes = new byte[Head + name + note + Bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(4), Nanoseconds);
        bytes[12] = IsInbound ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(13), (ushort)name);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(15), (ushort)note);
        Encoding.UTF8.GetBytes(Pod, bytes.AsSpan(Head));
        Encoding.UTF8.GetBytes(Note, bytes.AsSpan(Head + name));
        Bytes.CopyTo(bytes, Head + name + note);
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
        var note = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(15));
        if (length < Head + name + note || length > Largest) throw new InvalidDataException("The capture's stream is damaged.");
        var rest = new byte[length - Head];
        if (await stream.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken) < rest.Length) return null;
        return new(BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(4)), Encoding.UTF8.GetString(rest.AsSpan(0, name)), head[12] != 0, rest[(name + note)..], Encoding.UTF8.GetString(rest.AsSpan(name, note)));
    }
}
