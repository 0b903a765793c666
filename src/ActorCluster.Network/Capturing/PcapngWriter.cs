using System.Buffers.Binary;
using System.Text;

namespace ActorCluster.Network.Capturing;

/// <summary>A pcapng file (draft-ietf-opsawg-pcapng): one section, an interface for each pod, packets from their IP header on (LINKTYPE_RAW), times in nanoseconds.</summary>
public sealed class PcapngWriter
{
    private const uint SectionHeader = 0x0a0d0d0a;
    private const uint InterfaceDescription = 1;
    private const uint EnhancedPacket = 6;
    private const ushort LinkTypeRaw = 101;
    private const ushort InterfaceName = 2;
    private const ushort TimeResolution = 9;
    private const ushort Comment = 1;
    private const ushort PacketFlags = 2;
    private const ushort UserApplication = 4;

    private readonly Stream _to;
    private readonly Dictionary<string, uint> _interfaces = [];

    /// <summary>Begins the file.</summary>
    public PcapngWriter(Stream to)
    {
        _to = to;
        // Byte order, version 1.0, and that the section's length isn't known beforehand.
        Block(SectionHeader, [.. UInt32(0x1a2b3c4d), .. UInt16(1), .. UInt16(0), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. Option(UserApplication, "actorcluster"u8), .. EndOfOptions]);
    }

    public void Write(CaptureFrame frame)
    {
        if (!_interfaces.TryGetValue(frame.Pod, out var number))
        {
            _interfaces.Add(frame.Pod, number = (uint)_interfaces.Count);
            Block(InterfaceDescription, [.. UInt16(LinkTypeRaw), .. UInt16(0), .. UInt32(0), .. Option(InterfaceName, Encoding.UTF8.GetBytes(frame.Pod)), .. Option(TimeResolution, [9]), .. EndOfOptions]);
        }
        var length = (uint)frame.Bytes.Length;
        Block(EnhancedPacket,
        [
            .. UInt32(number), .. UInt32((uint)(frame.Nanoseconds >> 32)), .. UInt32((uint)frame.Nanoseconds), .. UInt32(length), .. UInt32(length), .. frame.Bytes, .. Padding(frame.Bytes.Length),
            .. Option(PacketFlags, UInt32(frame.IsInbound ? 1u : 2u)), .. frame.Note.Length > 0 ? Option(Comment, Encoding.UTF8.GetBytes(frame.Note)) : [], .. EndOfOptions,
        ]);
    }

    private static ReadOnlySpan<byte> EndOfOptions => [0, 0, 0, 0];

    private void Block(uint type, ReadOnlySpan<byte> body)
    {
        var length = UInt32((uint)(12 + body.Length));
        _to.Write(UInt32(type));
        _to.Write(length);
        _to.Write(body);
        _to.Write(length);
    }

    private static byte[] Option(ushort code, ReadOnlySpan<byte> value) => [.. UInt16(code), .. UInt16((ushort)value.Length), .. value, .. Padding(value.Length)];

    private static byte[] Padding(int length) => new byte[(4 - length % 4) % 4];

    private static byte[] UInt16(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
