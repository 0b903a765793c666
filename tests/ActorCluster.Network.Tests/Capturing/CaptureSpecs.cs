using System.Buffers.Binary;
using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Tests.Capturing;

public class CaptureSpecs
{
    private static readonly IpAddress A = IpAddress.Parse("10.244.1.2");
    private static readonly IpAddress B = IpAddress.Parse("10.244.2.2");

    [Fact]
    public async Task Frames_come_back_as_they_were_written()
    {
        CaptureFrame[] frames = [Frame(5, "x/a", false, Packet(1)) with { Note = "lost by ä" }, Frame(6, "x/ä", true, Packet(2))];
        using var stream = new MemoryStream([.. frames.SelectMany(frame => frame.Encode()), 1, 2, 3]);
        foreach (var frame in frames)
        {
            var read = (await CaptureFrame.ReadAsync(stream, default)).ShouldNotBeNull();
            (read.Nanoseconds, read.Pod, read.IsInbound, read.Note).ShouldBe((frame.Nanoseconds, frame.Pod, frame.IsInbound, frame.Note));
            read.Bytes.ShouldBe(frame.Bytes);
        }
        (await CaptureFrame.ReadAsync(stream, default)).ShouldBeNull();
        await Should.ThrowAsync<InvalidDataException>(() => CaptureFrame.ReadAsync(new MemoryStream(new byte[40]), default));
    }

    [Fact]
    public void Frames_of_several_nodes_are_put_in_order_and_a_packet_is_there_once()
    {
        var merge = new CaptureMerge();
        merge.Add(Frame(20, "x/b", true, Packet(1) with { TimeToLive = 62 })); // got, told before it was sent
        merge.Add(Frame(10, "x/a", false, Packet(1)));
        merge.Add(Frame(30, "x/b", true, Packet(2))); // from somebody who isn't captured
        merge.Add(Frame(900, "x/a", false, Packet(3)));
        merge.TakeBefore(500).Select(frame => frame.Nanoseconds).ShouldBe([10, 30]);
        merge.TakeBefore(long.MaxValue).Select(frame => frame.Nanoseconds).ShouldBe([900]);
    }

    [Fact]
    public void A_packet_that_is_sent_again_is_there_again()
    {
        var merge = new CaptureMerge();
        merge.Add(Frame(10, "x/a", false, Packet(1)));
        merge.Add(Frame(20, "x/a", false, Packet(1)));
        merge.Add(Frame(30, "x/b", true, Packet(1)));
        merge.Add(Frame(40, "x/b", true, Packet(1)));
        merge.Add(Frame(50, "x/b", true, Packet(1)));
        merge.TakeBefore(long.MaxValue).Select(frame => frame.Nanoseconds).ShouldBe([10, 20, 50]);
    }

    [Fact]
    public void The_file_has_a_section_an_interface_for_each_pod_and_the_packets()
    {
        using var file = new MemoryStream();
        var writer = new PcapngWriter(file);
        writer.Write(Frame(0x1_0000_0002, "x/a", false, Packet(1)));
        writer.Write(Frame(0x1_0000_0003, "x/b", true, Packet(2)));
        writer.Write(Frame(0x1_0000_0004, "x/a", true, Packet(3)));

        var blocks = Blocks(file.ToArray());
        blocks.Select(block => block.Type).ShouldBe([0x0a0d0d0au, 1u, 6u, 1u, 6u, 6u]);
        BinaryPrimitives.ReadUInt32LittleEndian(blocks[0].Body).ShouldBe(0x1a2b3c4du);
        blocks.Where(block => block.Type == 1).Select(block => BinaryPrimitives.ReadUInt16LittleEndian(block.Body)).ShouldAllBe(link => link == 101);
        Encoding.UTF8.GetString(blocks[3].Body).ShouldContain("x/b");
        var packet = blocks[4].Body;
        Enumerable.Range(0, 5).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(4 * i))).ShouldBe([1u, 1u, 3u, 30u, 30u]);
        packet[20..50].ShouldBe(PacketBytes.Of(Packet(2)));
        BinaryPrimitives.ReadUInt32LittleEndian(blocks[5].Body).ShouldBe(0u);
    }

    private static List<(uint Type, byte[] Body)> Blocks(byte[] file)
    {
        var blocks = new List<(uint, byte[])>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            (length % 4, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + length - 4))).ShouldBe((0, (uint)length));
            blocks.Add((BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)), file[(at + 8)..(at + length - 4)]));
            at += length;
        }
        return blocks;
    }

    private static UdpPacket Packet(byte content) => new(A, B, 1, 2, new[] { content, content });

    private static CaptureFrame Frame(long at, string pod, bool isInbound, Packet packet) => CaptureFrame.Of(new CapturedPacket(at, pod, isInbound, packet));
}
