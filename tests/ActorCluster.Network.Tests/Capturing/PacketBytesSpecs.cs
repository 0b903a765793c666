using System.Numerics;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Packets;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Capturing;

public class PacketBytesSpecs
{
    private static readonly (IpAddress, IpAddress)[] Ends =
    [
        (IpAddress.Parse("10.244.1.2"), IpAddress.Parse("10.96.255.254")), (IpAddress.Parse("fd00:10::1"), IpAddress.Parse("2001:db8:ffff::ffff:1")),
    ];

    [Property(MaxTest = 300)]
    public void Every_checksum_is_that_of_its_bytes(byte[] payload, ushort sourcePort, ushort port, uint sequence, byte choice)
    {
        var (source, destination) = Ends[choice & 1];
        Packet datagram = new UdpPacket(source, destination, sourcePort, port, payload);
        Packet packet = (choice >> 1 & 3) switch
        {
            0 => new TcpPacket(source, destination, sourcePort, port, sequence, ~sequence, TcpFlags.Psh | TcpFlags.Ack, port, payload),
            1 => new TcpPacket(source, destination, sourcePort, port, sequence, 0, TcpFlags.Syn, port, default, 1460, 7),
            2 => datagram,
            _ => (choice & 8) == 0
                ? new IcmpPacket(source, destination, IcmpKind.EchoRequest, sourcePort, port, payload)
                : new IcmpPacket(source, destination, IcmpKind.PortUnreachable, 0, 0, default, datagram),
        };
        var bytes = PacketBytes.Of(packet);
        bytes.Length.ShouldBe(packet.Length);
        var v4 = source.IsV4;
        if (v4) Residue(bytes[..20]).ShouldBe(0);
        (v4 ? bytes[2] << 8 | bytes[3] : 40 + (bytes[4] << 8 | bytes[5])).ShouldBe(bytes.Length);
        var protocol = v4 ? bytes[9] : bytes[6];
        var body = bytes[(v4 ? 20 : 40)..];
        byte[] addresses = v4 ? bytes[12..20] : bytes[8..40];
        byte[] pseudo = protocol == 1 ? [] : [.. addresses, 0, 0, (byte)(body.Length >> 8), (byte)body.Length, 0, 0, 0, protocol];
        Residue([.. pseudo, .. body]).ShouldBe(0);
        if (protocol == 17) (body[6] << 8 | body[7]).ShouldNotBe(0);
    }

    [Fact]
    public void A_known_segment_has_known_bytes()
    {
        var syn = new TcpPacket(IpAddress.Parse("192.168.0.1"), IpAddress.Parse("192.168.0.2"), 1025, 80, 1, 0, TcpFlags.Syn, 512, default, 1460, 7);
        Convert.ToHexString(PacketBytes.Of(syn)).ShouldBe(
            "4500003000004000" + "4006B974" + "C0A80001C0A80002" + "04010050" + "00000001" + "00000000" + "7002" + "0200" + "FC72" + "0000" + "020405B4" + "01030307");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_sctp_packet_has_the_chunks_of_the_rfc_and_the_checksum_crc32c(int ends)
    {
        var (source, destination) = Ends[ends];
        var packet = new SctpPacket(source, destination, 0x1234, 80, 0xcafe0001, [new SctpCookieAck(), new SctpData(SctpDataFlags.Beginning | SctpDataFlags.Ending, 7, 1, 2, 3, "abc"u8.ToArray())]);
        var bytes = PacketBytes.Of(packet);
        bytes.Length.ShouldBe(packet.Length);
        (ends == 0 ? bytes[9] : bytes[6]).ShouldBe((byte)132);
        var body = bytes[(ends == 0 ? 20 : 40)..];
        Convert.ToHexString(body[..8]).ShouldBe("12340050" + "CAFE0001");
        Convert.ToHexString(body[12..]).ShouldBe("0B000004" + "00030013" + "00000007" + "00010002" + "00000003" + "61626300");
        var checksum = body[8..12];
        body.AsSpan(8, 4).Clear();
        BitConverter.ToUInt32(checksum).ShouldBe(Crc32CBitByBit(body));
    }

    [Fact]
    public void The_bitwise_crc_of_these_tests_is_crc32c() => Crc32CBitByBit("123456789"u8.ToArray()).ShouldBe(0xe3069283u); // the check value in the catalogue of CRCs

    [Fact]
    public void An_error_quotes_the_header_and_eight_bytes()
    {
        var (source, destination) = Ends[0];
        var datagram = new UdpPacket(source, destination, 1, 2, new byte[100]);
        var bytes = PacketBytes.Of(new IcmpPacket(destination, source, IcmpKind.PortUnreachable, 0, 0, default, datagram));
        bytes.Length.ShouldBe(20 + 8 + 28);
        bytes[20..22].ShouldBe([(byte)3, (byte)3]);
        bytes[28..].ShouldBe(PacketBytes.Of(datagram)[..28]);
    }

    private static uint Crc32CBitByBit(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
        }
        return ~crc;
    }

    /// <summary>The bytes as one number modulo 0xffff: 0 if their one's complement sum, checksum included, is all ones. Another arithmetic than the writer's.</summary>
    private static int Residue(byte[] bytes)
    {
        byte[] even = bytes.Length % 2 == 0 ? bytes : [.. bytes, 0];
        return (int)(new BigInteger(even, isUnsigned: true, isBigEndian: true) % 0xffff);
    }
}
