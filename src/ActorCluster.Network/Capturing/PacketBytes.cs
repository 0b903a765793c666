using System.Buffers.Binary;
using System.Numerics;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Capturing;

/// <summary>A packet as the Internet's bytes: IPv4 (RFC 791) or IPv6 (RFC 8200) with TCP, UDP, SCTP or ICMP in it; all checksums are right, but of a damaged one's last byte a bit is wrong.</summary>
public static class PacketBytes
{
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;

    /// <summary>The whole packet, beginning with its IP header.</summary>
    public static byte[] Of(Packet packet)
    {
        var bytes = Undamaged(packet);
        if (packet.IsDamaged) bytes[^1] ^= 1;
        return bytes;
    }

    private static byte[] Undamaged(Packet packet)
    {
        var v4 = packet.Source.IsV4;
        var header = v4 ? Ipv4Header : Ipv6Header;
        var body = BodyLength(packet, v4);
        var bytes = new byte[header + body];
        var (protocol, checksumAt) = packet switch
        {
            TcpPacket tcp => (IpProtocol.Tcp, WriteTcp(bytes.AsSpan(header), tcp)),
            UdpPacket udp => (IpProtocol.Udp, WriteUdp(bytes.AsSpan(header), udp)),
            SctpPacket sctp => (IpProtocol.Sctp, WriteSctp(bytes.AsSpan(header), sctp)),
            IcmpPacket icmp => (v4 ? IpProtocol.Icmp : IpProtocol.IcmpV6, WriteIcmp(bytes.AsSpan(header), icmp, v4)),
            _ => throw new ArgumentException($"No bytes for {packet.GetType()}.", nameof(packet)),
        };
        WriteIp(bytes, packet, protocol, body);
        if (protocol == IpProtocol.Sctp) return bytes; // has a checksum of its own kind
        // ICMP over IPv4 has no pseudo header (RFC 792).
        var sum = protocol == IpProtocol.Icmp ? 0 : PseudoHeader(packet, protocol, body);
        var checksum = Checksum(bytes.AsSpan(header), sum);
        // Zero would mean that UDP has none (RFC 768).
        if (protocol == IpProtocol.Udp && checksum == 0) checksum = 0xffff;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(header + checksumAt), checksum);
        return bytes;
    }

    /// <summary>The Internet checksum (RFC 1071) of bytes, and of what was summed up before.</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> bytes, uint before)
    {
        ulong sum = before;
        for (; bytes.Length >= 2; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length == 1) sum += (uint)bytes[0] << 8;
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static int BodyLength(Packet packet, bool v4) => packet switch
    {
        TcpPacket tcp => 20 + OptionsLength(tcp) + tcp.Payload.Length,
        UdpPacket udp => 8 + udp.Payload.Length,
        SctpPacket sctp => SctpPacket.HeaderLength + SctpChunkCodec.Length(sctp.Chunks),
        IcmpPacket { Original: { } original } icmp => 8 + QuoteLength(icmp, original, v4),
        IcmpPacket echo => 8 + echo.Payload.Length,
        _ => 0,
    };

    private static int QuoteLength(IcmpPacket icmp, Packet original, bool v4) => Math.Min((v4 ? Ipv4Header : Ipv6Header) + BodyLength(original, v4), icmp.LargestQuote);

    private static int OptionsLength(TcpPacket tcp) => (tcp.MaximumSegmentSize != 0 ? 4 : 0) + (tcp.WindowScale is not null ? 4 : 0);

    private static void WriteIp(Span<byte> to, Packet packet, IpProtocol protocol, int body)
    {
        if (packet.Source.IsV4)
        {
            to[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)(Ipv4Header + body));
            to[6] = 0x40; // don't fragment: then the identification means nothing (RFC 6864)
            to[8] = packet.TimeToLive;
            to[9] = (byte)protocol;
            packet.Source.WriteBytes(to[12..]);
            packet.Destination.WriteBytes(to[16..]);
            BinaryPrimitives.WriteUInt16BigEndian(to[10..], Checksum(to[..Ipv4Header], 0));
            return;
        }
        to[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)body);
        to[6] = (byte)protocol;
        to[7] = packet.TimeToLive;
        packet.Source.WriteBytes(to[8..]);
        packet.Destination.WriteBytes(to[24..]);
    }

    private static uint PseudoHeader(Packet packet, IpProtocol protocol, int body)
    {
        Span<byte> addresses = stackalloc byte[32];
        var length = packet.Source.WriteBytes(addresses);
        length += packet.Destination.WriteBytes(addresses[length..]);
        return (uint)(ushort)~Checksum(addresses[..length], 0) + (uint)protocol + (uint)body;
    }

    /// <returns>Where the checksum goes.</returns>
    private static int WriteTcp(Span<byte> to, TcpPacket tcp)
    {
        var header = 20 + OptionsLength(tcp);
        BinaryPrimitives.WriteUInt16BigEndian(to, tcp.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], tcp.DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], tcp.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], tcp.Acknowledgment);
        to[12] = (byte)(header / 4 << 4);
        to[13] = (byte)tcp.Flags;
        BinaryPrimitives.WriteUInt16BigEndian(to[14..], tcp.Window);
        var options = to[20..];
        if (tcp.MaximumSegmentSize != 0)
        {
            (options[0], options[1]) = (2, 4);
            BinaryPrimitives.WriteUInt16BigEndian(options[2..], tcp.MaximumSegmentSize);
            options = options[4..];
        }
        if (tcp.WindowScale is { } scale) (options[0], options[1], options[2], options[3]) = (1, 3, 3, scale); // one no-operation before it
        tcp.Payload.Span.CopyTo(to[header..]);
        return 16;
    }

    private static int WriteUdp(Span<byte> to, UdpPacket udp)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, udp.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], udp.DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)(8 + udp.Payload.Length));
        udp.Payload.Span.CopyTo(to[8..]);
        return 6;
    }

    private static int WriteSctp(Span<byte> to, SctpPacket sctp)
    {
        const int checksum = 8;
        BinaryPrimitives.WriteUInt16BigEndian(to, sctp.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], sctp.DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], sctp.VerificationTag);
        SctpChunkCodec.Write(to[SctpPacket.HeaderLength..], sctp.Chunks);
        BinaryPrimitives.WriteUInt32LittleEndian(to[checksum..], Crc32C(to));
        return checksum;
    }

    /// <summary>RFC 9260, appendix A: CRC32c, its bytes in the reverse of the network's order.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    private static int WriteIcmp(Span<byte> to, IcmpPacket icmp, bool v4)
    {
        (to[0], to[1]) = (icmp.Kind, v4) switch
        {
            (IcmpKind.EchoReply, true) => ((byte)0, (byte)0),
            (IcmpKind.EchoRequest, true) => ((byte)8, (byte)0),
            (IcmpKind.NetworkUnreachable, true) => ((byte)3, (byte)0),
            (IcmpKind.HostUnreachable, true) => ((byte)3, (byte)1),
            (IcmpKind.PortUnreachable, true) => ((byte)3, (byte)3),
            (IcmpKind.TimeExceeded, true) => ((byte)11, (byte)0),
            // ICMPv6 (RFC 4443).
            (IcmpKind.EchoReply, false) => ((byte)129, (byte)0),
            (IcmpKind.EchoRequest, false) => ((byte)128, (byte)0),
            (IcmpKind.NetworkUnreachable, false) => ((byte)1, (byte)0),
            (IcmpKind.HostUnreachable, false) => ((byte)1, (byte)3),
            (IcmpKind.PortUnreachable, false) => ((byte)1, (byte)4),
            _ => ((byte)3, (byte)0),
        };
        if (icmp.Original is { } original)
        {
            Of(original).AsSpan(0, QuoteLength(icmp, original, v4)).CopyTo(to[8..]);
            return 2;
        }
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], icmp.Identifier);
        BinaryPrimitives.WriteUInt16BigEndian(to[6..], icmp.SequenceNumber);
        icmp.Payload.Span.CopyTo(to[8..]);
        return 2;
    }
}
