using System.Buffers.Binary;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>The Internet's bytes as a typed packet, every length and checksum verified: what PacketBytes writes, read by other code.</summary>
internal static class PacketParser
{
    /// <returns>Null: a packet of a kind that has no type here (another protocol, another ICMP message).</returns>
    /// <exception cref="InvalidDataException">A length or a checksum is wrong, or it is a fragment.</exception>
    public static Packet? Parse(ReadOnlyMemory<byte> bytes) => bytes.Length == 0 ? throw Bad("no bytes") : (bytes.Span[0] >> 4) switch
    {
        4 => ParseV4(bytes, whole: true),
        6 => ParseV6(bytes, whole: true),
        var version => throw Bad($"IP version {version}"),
    };

    private static Packet? ParseV4(ReadOnlyMemory<byte> bytes, bool whole)
    {
        Require(bytes.Length >= 20, "an IPv4 header cut short");
        var span = bytes.Span;
        var header = (span[0] & 15) * 4;
        Require(header >= 20 && header <= bytes.Length, "a wrong IPv4 header length");
        Require(Sum(span[..header]) == 0xffff, "a wrong IPv4 header checksum");
        var total = Word(span, 2);
        Require(total >= header && (total == bytes.Length || (!whole && total > bytes.Length)), $"an IPv4 length of {total} for {bytes.Length} bytes");
        Require((Word(span, 6) & 0x3fff) == 0, "a fragment");
        return ParseBody(Address(span[12..16]), Address(span[16..20]), (IpProtocol)span[9], span[8], bytes[header..], whole);
    }

    private static Packet? ParseV6(ReadOnlyMemory<byte> bytes, bool whole)
    {
        Require(bytes.Length >= 40, "an IPv6 header cut short");
        var span = bytes.Span;
        var length = Word(span, 4);
        Require(length == bytes.Length - 40 || (!whole && length > bytes.Length - 40), $"an IPv6 length of {length} for {bytes.Length - 40} bytes");
        return ParseBody(Address(span[8..24]), Address(span[24..40]), (IpProtocol)span[6], span[7], bytes[40..], whole);
    }

    /// <param name="whole">False: quoted in an ICMP error, cut short, so that the checksum can't be known.</param>
    private static Packet? ParseBody(IpAddress source, IpAddress destination, IpProtocol protocol, byte timeToLive, ReadOnlyMemory<byte> body, bool whole)
    {
        if (protocol is not (IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Icmp or IpProtocol.IcmpV6)) return null;
        if (whole) Verify(source, destination, protocol, body.Span);
        return protocol switch
        {
            IpProtocol.Tcp => ParseTcp(source, destination, timeToLive, body, whole),
            IpProtocol.Udp => ParseUdp(source, destination, timeToLive, body, whole),
            _ => ParseIcmp(source, destination, timeToLive, body),
        };
    }

    private static void Verify(IpAddress source, IpAddress destination, IpProtocol protocol, ReadOnlySpan<byte> body)
    {
        if (protocol == IpProtocol.Udp && body.Length >= 8 && Word(body, 6) == 0 && source.IsV4) return; // it has none
        Span<byte> addresses = stackalloc byte[32];
        var length = source.WriteBytes(addresses);
        length += destination.WriteBytes(addresses[length..]);
        var pseudo = protocol == IpProtocol.Icmp ? 0 : Sum(addresses[..length]) + (int)protocol + body.Length;
        Require(Fold(pseudo + Sum(body)) == 0xffff, $"a wrong {protocol} checksum");
    }

    private static TcpPacket ParseTcp(IpAddress source, IpAddress destination, byte timeToLive, ReadOnlyMemory<byte> body, bool whole)
    {
        var span = body.Span;
        if (!whole && span.Length < 20)
        {
            Require(span.Length >= 8, "a quoted TCP header cut short");
            return new(source, destination, Word(span, 0), Word(span, 2), Long(span, 4), 0, 0, 0, default, timeToLive: timeToLive);
        }
        Require(span.Length >= 20, "a TCP header cut short");
        var header = (span[12] >> 4) * 4;
        Require(header >= 20 && (header <= span.Length || !whole), "a wrong TCP header length");
        var (segmentSize, scale) = ParseOptions(span[20..Math.Min(header, span.Length)]);
        return new(source, destination, Word(span, 0), Word(span, 2), Long(span, 4), Long(span, 8), (TcpFlags)(span[13] & 0x3f), Word(span, 14),
            body[Math.Min(header, span.Length)..], segmentSize, scale, timeToLive);
    }

    private static (ushort SegmentSize, byte? Scale) ParseOptions(ReadOnlySpan<byte> options)
    {
        ushort segmentSize = 0;
        byte? scale = null;
        while (options.Length > 0 && options[0] != 0)
        {
            if (options[0] == 1)
            {
                options = options[1..];
                continue;
            }
            Require(options.Length >= 2 && options[1] >= 2 && options[1] <= options.Length, "a TCP option cut short");
            if (options[0] == 2 && options[1] == 4) segmentSize = Word(options, 2);
            if (options[0] == 3 && options[1] == 3) scale = options[2];
            options = options[options[1]..];
        }
        return (segmentSize, scale);
    }

    private static UdpPacket ParseUdp(IpAddress source, IpAddress destination, byte timeToLive, ReadOnlyMemory<byte> body, bool whole)
    {
        Require(body.Length >= 8 && (Word(body.Span, 4) == body.Length || !whole), "a wrong UDP length");
        return new(source, destination, Word(body.Span, 0), Word(body.Span, 2), body[8..], timeToLive);
    }

    private static IcmpPacket? ParseIcmp(IpAddress source, IpAddress destination, byte timeToLive, ReadOnlyMemory<byte> body)
    {
        Require(body.Length >= 8, "an ICMP header cut short");
        var span = body.Span;
        IcmpKind? kind = (span[0], span[1], source.IsV4) switch
        {
            (0, 0, true) or (129, 0, false) => IcmpKind.EchoReply,
            (8, 0, true) or (128, 0, false) => IcmpKind.EchoRequest,
            (3, 0, true) or (1, 0, false) => IcmpKind.NetworkUnreachable,
            (3, 1, true) or (1, 3, false) => IcmpKind.HostUnreachable,
            (3, 3, true) or (1, 4, false) => IcmpKind.PortUnreachable,
            (11, 0, true) or (3, 0, false) => IcmpKind.TimeExceeded,
            _ => null,
        };
        return kind switch
        {
            null => null,
            IcmpKind.EchoReply or IcmpKind.EchoRequest => new(source, destination, kind.Value, Word(span, 4), Word(span, 6), body[8..], null, timeToLive),
            _ => new(source, destination, kind.Value, 0, 0, default, source.IsV4 ? ParseV4(body[8..], whole: false) : ParseV6(body[8..], whole: false), timeToLive),
        };
    }

    private static int Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        for (var i = 0; i < bytes.Length; i++) sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i]; // at most 32768 * 65535: no overflow
        return Fold(sum);
    }

    private static int Fold(int sum)
    {
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return sum;
    }

    private static ushort Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
    private static uint Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
    private static IpAddress Address(ReadOnlySpan<byte> bytes) => IpAddress.From(new System.Net.IPAddress(bytes));

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw Bad(otherwise);
    }

    private static InvalidDataException Bad(string what) => new($"The packet has {what}.");
}
