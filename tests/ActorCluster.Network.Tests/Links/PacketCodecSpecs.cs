using System.Runtime.Serialization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Links;

public class PacketCodecSpecs
{
    [Property(MaxTest = 300)]
    public void Every_packet_comes_back_as_it_was(int seed)
    {
        var packet = RandomPacket(new Random(seed)) with { IsDamaged = seed % 3 == 0 };
        var bytes = PacketCodec.Encode(packet);
        bytes.Length.ShouldBe(PacketCodec.Size(packet));
        ShouldBeSame(PacketCodec.DecodePacket(bytes), packet);
    }

    [Property(MaxTest = 100)]
    public void Every_batch_comes_back_as_it_was(int seed)
    {
        var random = new Random(seed);
        var batch = RandomBatch(random);
        var decoded = PacketCodec.DecodeBatch(PacketCodec.Encode(batch));
        decoded.Packets.Length.ShouldBe(batch.Packets.Length);
        foreach (var (actual, expected) in decoded.Packets.Zip(batch.Packets))
        {
            actual.Node.ShouldBe(expected.Node);
            ShouldBeSame(actual.Packet, expected.Packet);
        }
    }

    [Property(MaxTest = 1000)]
    public void Damaged_bytes_are_refused_or_read_as_something_but_never_crash(int seed)
    {
        var random = new Random(seed);
        var bytes = PacketCodec.Encode(RandomBatch(random));
        for (var i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
        try
        {
            PacketCodec.DecodeBatch(bytes);
        }
        catch (SerializationException)
        {
        }
    }

    [Property(MaxTest = 50)]
    public void A_batch_cut_short_anywhere_is_refused(int seed)
    {
        var bytes = PacketCodec.Encode(RandomBatch(new Random(seed)));
        for (var length = 0; length < bytes.Length; length++) Should.Throw<SerializationException>(() => PacketCodec.DecodeBatch(bytes[..length]));
    }

    [Property(MaxTest = 500)]
    public void Random_bytes_are_refused_and_what_is_read_of_them_can_be_written(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        if (random.Next(2) == 0 && bytes.Length > 4) (bytes[0], bytes[1], bytes[2]) = (0, 1, 0); // a batch with one node: further in
        try
        {
            var batch = PacketCodec.DecodeBatch(bytes);
            PacketCodec.DecodeBatch(PacketCodec.Encode(batch)).Packets.Length.ShouldBe(batch.Packets.Length);
        }
        catch (SerializationException)
        {
        }
    }

    [Fact]
    public void Counts_and_lengths_that_lie_are_refused()
    {
        var packet = new UdpPacket(IpAddress.FromV4(1), IpAddress.FromV4(2), 3, 4, new byte[5]);
        var bytes = PacketCodec.Encode(new PacketBatch([new RoutedPacket("n", packet)]));
        // nodes, packets, the packet's node, the datagram's length: at 0, 4, 6, and before its 5 bytes.
        foreach (var (at, value) in ((int, byte)[])[(0, 255), (1, 2), (4, 255), (5, 2), (6, 1), (bytes.Length - 9, 128), (bytes.Length - 6, 6), (bytes.Length - 6, 4)])
        {
            var lie = (byte[])bytes.Clone();
            lie[at] = value;
            Should.Throw<SerializationException>(() => PacketCodec.DecodeBatch(lie), $"{value} at {at}");
        }
    }

    [Fact]
    public void Bytes_behind_the_end_are_refused() =>
        Should.Throw<SerializationException>(() => PacketCodec.DecodePacket([.. PacketCodec.Encode(RandomPacket(new Random(1))), 0]));

    internal static PacketBatch RandomBatch(Random random) =>
        new([.. Enumerable.Range(0, random.Next(20)).Select(_ => new RoutedPacket($"worker-{random.Next(3)}", RandomPacket(random)))]);

    internal static Packet RandomPacket(Random random, bool quoted = false)
    {
        IpAddress Address() => random.Next(2) == 0 ? IpAddress.FromV4((uint)random.NextInt64()) : new((ulong)random.NextInt64(), (ulong)random.NextInt64());
        ushort Word() => (ushort)random.Next(65536);
        var payload = new byte[random.Next(200)];
        random.NextBytes(payload);
        var timeToLive = (byte)random.Next(256);
        return random.Next(quoted ? 3 : 4) switch
        {
            0 => new TcpPacket(Address(), Address(), Word(), Word(), (uint)random.NextInt64(), (uint)random.NextInt64(), (TcpFlags)random.Next(64), Word(), payload,
                Word(), random.Next(2) == 0 ? null : (byte)random.Next(15), timeToLive),
            1 => new UdpPacket(Address(), Address(), Word(), Word(), payload, timeToLive),
            2 => new SctpPacket(Address(), Address(), Word(), Word(), (uint)random.NextInt64(), [.. Enumerable.Range(0, random.Next(5)).Select(_ => RandomChunk(random))], timeToLive),
            _ => new IcmpPacket(Address(), Address(), (IcmpKind)random.Next(6), Word(), Word(), payload, random.Next(2) == 0 ? null : RandomPacket(random, quoted: true), timeToLive),
        };
    }

    internal static SctpChunk RandomChunk(Random random)
    {
        ushort Word() => (ushort)random.Next(65536);
        uint Number() => (uint)random.NextInt64();
        ReadOnlyMemory<byte> Bytes()
        {
            var bytes = new byte[random.Next(50)];
            random.NextBytes(bytes);
            return bytes;
        }
        System.Collections.Immutable.ImmutableArray<SctpCause> Causes() => [.. Enumerable.Range(0, random.Next(3)).Select(_ => new SctpCause((SctpCauseCode)random.Next(1, 14), Bytes()))];
        return random.Next(13) switch
        {
            0 => new SctpData((SctpDataFlags)random.Next(16), Number(), Word(), Word(), Number(), Bytes()),
            1 => new SctpInit(Number(), Number(), Word(), Word(), Number()),
            2 => new SctpInitAck(Number(), Number(), Word(), Word(), Number(), Bytes()),
            3 => new SctpSack(Number(), Number(), [.. Enumerable.Range(0, random.Next(4)).Select(_ => new SctpGap(Word(), Word()))], [.. Enumerable.Range(0, random.Next(4)).Select(_ => Number())]),
            4 => new SctpHeartbeat(Bytes()),
            5 => new SctpHeartbeatAck(Bytes()),
            6 => new SctpAbort(random.Next(2) == 0, Causes()),
            7 => new SctpShutdown(Number()),
            8 => new SctpShutdownAck(),
            9 => new SctpError(Causes()),
            10 => new SctpCookieEcho(Bytes()),
            11 => new SctpCookieAck(),
            _ => new SctpShutdownComplete(random.Next(2) == 0),
        };
    }

    internal static void ShouldBeSame(Packet actual, Packet expected)
    {
        switch (actual, expected)
        {
            case (TcpPacket a, TcpPacket e):
                a.Payload.ToArray().ShouldBe(e.Payload.ToArray());
                (a with { Payload = default }).ShouldBe(e with { Payload = default });
                break;
            case (UdpPacket a, UdpPacket e):
                a.Payload.ToArray().ShouldBe(e.Payload.ToArray());
                (a with { Payload = default }).ShouldBe(e with { Payload = default });
                break;
            case (SctpPacket a, SctpPacket e):
                (a with { Chunks = [] }).ShouldBe(e with { Chunks = [] });
                a.Chunks.Select(Describe).ShouldBe(e.Chunks.Select(Describe));
                break;
            case (IcmpPacket a, IcmpPacket e):
                a.Payload.ToArray().ShouldBe(e.Payload.ToArray());
                (a with { Payload = default, Original = null }).ShouldBe(e with { Payload = default, Original = null });
                if (e.Original is not null) ShouldBeSame(a.Original.ShouldNotBeNull(), e.Original);
                break;
            default: actual.GetType().ShouldBe(expected.GetType()); break;
        }
    }

    /// <summary>A chunk with the contents of its arrays, which records compare by reference.</summary>
    private static string Describe(SctpChunk chunk) => chunk switch
    {
        SctpData data => $"{data with { Payload = default }} {Convert.ToHexString(data.Payload.Span)}",
        SctpInitAck answer => $"{answer with { Cookie = default }} {Convert.ToHexString(answer.Cookie.Span)}",
        SctpSack sack => $"SACK {sack.CumulativeTsn} {sack.Window} {string.Join(',', sack.Gaps)} {string.Join(',', sack.Duplicates)}",
        SctpHeartbeat heartbeat => $"HEARTBEAT {Convert.ToHexString(heartbeat.Information.Span)}",
        SctpHeartbeatAck heartbeat => $"HEARTBEAT ACK {Convert.ToHexString(heartbeat.Information.Span)}",
        SctpAbort abort => $"ABORT {abort.TagIsReflected} {Describe(abort.Causes)}",
        SctpError error => $"ERROR {Describe(error.Causes)}",
        SctpCookieEcho echo => $"COOKIE ECHO {Convert.ToHexString(echo.Cookie.Span)}",
        _ => chunk.ToString(),
    };

    private static string Describe(IEnumerable<SctpCause> causes) => string.Join(',', causes.Select(cause => $"{cause.Code} {Convert.ToHexString(cause.Information.Span)}"));
}
