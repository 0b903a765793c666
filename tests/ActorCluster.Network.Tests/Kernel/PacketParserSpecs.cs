using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tests.Links;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Kernel;

public class PacketParserSpecs
{
    [Property(MaxTest = 300)]
    public void What_was_written_as_bytes_is_read_as_it_was(int seed)
    {
        var packet = RandomPacket(new Random(seed));
        PacketCodecSpecs.ShouldBeSame(PacketParser.Parse(PacketBytes.Of(packet)).ShouldNotBeNull(), packet);
    }

    [Property(MaxTest = 300)]
    public void A_flipped_bit_under_a_checksum_is_noticed(int seed)
    {
        var random = new Random(seed);
        var bytes = PacketBytes.Of(RandomPacket(random));
        var from = bytes[0] >> 4 == 4 ? 0 : 8; // IPv6 has no checksum over the rest of its header
        var at = random.Next(from, bytes.Length);
        bytes[at] ^= (byte)(1 << random.Next(8));
        Should.Throw<InvalidDataException>(() => PacketParser.Parse(bytes));
    }

    [Fact]
    public void A_packet_cut_short_anywhere_is_refused()
    {
        var bytes = PacketBytes.Of(RandomPacket(new Random(1)));
        for (var length = 0; length < bytes.Length; length++) Should.Throw<InvalidDataException>(() => PacketParser.Parse(bytes.AsMemory(0, length)));
    }

    private static Packet RandomPacket(Random random)
    {
        var v4 = random.Next(2) == 0;
        IpAddress Address() => v4 ? IpAddress.FromV4((uint)random.NextInt64()) : new((ulong)random.NextInt64() | 1, (ulong)random.NextInt64());
        ushort Word() => (ushort)random.Next(1, 65536);
        var payload = new byte[random.Next(200)];
        random.NextBytes(payload);
        var (source, destination) = (Address(), Address());
        return random.Next(3) switch
        {
            0 => new TcpPacket(source, destination, Word(), Word(), (uint)random.NextInt64(), (uint)random.NextInt64(), (TcpFlags)random.Next(64), Word(), payload,
                random.Next(2) == 0 ? (ushort)0 : Word(), random.Next(2) == 0 ? null : (byte)random.Next(15), (byte)random.Next(1, 256)),
            1 => new UdpPacket(source, destination, Word(), Word(), payload, (byte)random.Next(1, 256)),
            _ => new IcmpPacket(source, destination, (IcmpKind)random.Next(2), Word(), Word(), payload, null, (byte)random.Next(1, 256)),
        };
    }
}
