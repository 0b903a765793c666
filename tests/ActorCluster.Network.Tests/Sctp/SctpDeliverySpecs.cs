using System.Buffers.Binary;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sctp;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tests.Tcp;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Sctp;

/// <summary>Whatever the wire does, each message arrives once, whole, and in the order of its stream; and the association ends.</summary>
public class SctpDeliverySpecs
{
    private const int Streams = 10;
    private static readonly WireFaults Clean = new(0, 0, 0);

    [Property(MaxTest = 150)]
    public void All_messages_arrive_once_in_order_of_their_stream_under_any_loss_reorder_and_duplication(int seed)
    {
        var random = new Random(seed);
        var (left, right) = (Settings(random), Settings(random));
        var world = new SctpWorld(seed, new(random.Next(30), random.Next(30), random.Next(60)), left, right);
        Exchange(world, Messages(random, left, right), Messages(random, right, left));
    }

    [Property(MaxTest = 60)]
    public void They_arrive_when_both_sides_open_at_once(int seed)
    {
        var random = new Random(seed);
        var (left, right) = (Settings(random), Settings(random));
        var world = new SctpWorld(seed, new(random.Next(20), random.Next(20), random.Next(40)), left, right);
        world.Right.Connect();
        Exchange(world, Messages(random, left, right), Messages(random, right, left));
    }

    [Property(MaxTest = 40)]
    public void A_program_that_pauses_shuts_the_window_and_opens_it_again(int seed)
    {
        var random = new Random(seed);
        var settings = SctpSettings.Default with { ReceiveBuffer = 8000, MaximumTransmissionUnit = 1500, InitRetries = 50, Retries = 50 };
        var world = new SctpWorld(seed, new(random.Next(20), random.Next(20), random.Next(20)), settings, settings);
        var messages = Messages(random, settings, settings, 60);
        (world.Right.Reads, world.Right.Expects, world.Left.Expects) = (false, int.MaxValue, int.MaxValue);
        world.Left.Write(messages);
        world.Left.Connect();
        for (var i = 0; i < 800; i++) world.Step();
        // What has arrived and isn't read never takes more than the buffer, but for what fills a gap.
        world.Right.Received.Sum(message => message.Payload.Length).ShouldBeLessThanOrEqualTo(16_000);
        world.Left.Closed.ShouldBeFalse("a window that stays shut is no reason to give up");
        world.Right.Reads = true;
        world.RunUntil(() => world.Right.Received.Count == messages.Count, "the rest");
        ShouldBeTheMessages(world.Right.Received, messages);
    }

    [Fact]
    public void A_clean_wire_needs_no_chunk_twice()
    {
        var settings = SctpSettings.Default with { MaximumTransmissionUnit = 1500 };
        var world = new SctpWorld(1, Clean, settings, settings);
        var random = new Random(2);
        var messages = Messages(random, settings, settings, 300);
        Exchange(world, messages, []);
        var chunks = world.Sent.SelectMany(packet => packet.Chunks).OfType<SctpData>().ToList();
        chunks.Select(chunk => chunk.Tsn).ShouldBeUnique();
        chunks.Sum(chunk => chunk.Payload.Length).ShouldBe(messages.Sum(message => message.Payload.Length));
        world.Sent.Count(packet => packet.Contains<SctpSack>()).ShouldBeLessThan(chunks.Count);
    }

    [Fact]
    public void A_peer_that_is_gone_is_noticed_with_and_without_data_in_flight()
    {
        foreach (var messages in (IReadOnlyList<SctpMessage>[])[[], [new("x"u8.ToArray())]])
        {
            var world = new SctpWorld(3, Clean, SctpSettings.Default, SctpSettings.Default);
            (world.Left.Expects, world.Right.Expects) = (int.MaxValue, int.MaxValue);
            world.Left.Connect();
            world.RunUntil(() => world.Left.Established && world.Right.Established, "the handshake");
            world.Left.Machine.EndByRestart(); // without a word to the other side
            world.Right.Write(messages);
            var answers = world.Sent.Count;
            world.RunUntil(() => world.Right.Closed, "the right side's end");
            world.Right.Fault.ShouldBe(SocketFault.ConnectionReset); // told by the ABORT that answers what comes out of the blue
            world.Sent.Count.ShouldBeGreaterThan(answers);
        }
    }

    private static void Exchange(SctpWorld world, List<SctpMessage> fromLeft, List<SctpMessage> fromRight)
    {
        (world.Right.Expects, world.Left.Expects) = (fromLeft.Count, fromRight.Count);
        world.Left.Write(fromLeft);
        world.Right.Write(fromRight);
        world.Left.Connect();
        world.RunUntil(() => world.Left.Received.Count >= fromRight.Count && world.Right.Received.Count >= fromLeft.Count, "all messages");
        world.RunUntil(() => world.Left.Closed && world.Right.Closed, "both CLOSED");
        ShouldBeTheMessages(world.Right.Received, fromLeft);
        ShouldBeTheMessages(world.Left.Received, fromRight);
    }

    /// <summary>Each ordered stream's messages in order, the unordered ones in any, all as they were.</summary>
    private static void ShouldBeTheMessages(IReadOnlyList<SctpMessage> received, IReadOnlyList<SctpMessage> sent)
    {
        for (var stream = 0; stream < Streams; stream++)
            received.Where(message => message.Stream == stream && !message.IsUnordered).Select(Text).ShouldBe(sent.Where(message => message.Stream == stream && !message.IsUnordered).Select(Text));
        received.Where(message => message.IsUnordered).Select(Text).Order(StringComparer.Ordinal).ShouldBe(sent.Where(message => message.IsUnordered).Select(Text).Order(StringComparer.Ordinal));
    }

    private static string Text(SctpMessage message) => $"{message.Stream} {message.PayloadProtocol} {Convert.ToHexString(message.Payload.Span)}";

    /// <summary>Messages that fit both ends' buffers, numbered, so that no two are alike.</summary>
    private static List<SctpMessage> Messages(Random random, SctpSettings from, SctpSettings to, int most = 40)
    {
        // A fragment is at least 496 bytes, and each costs its header.
        var largest = Math.Min(from.SendBuffer, to.ReceiveBuffer) * 9 / 10 - 64;
        var messages = new List<SctpMessage>();
        for (var i = random.Next(most); i >= 0; i--)
        {
            var payload = new byte[4 + (random.Next(3) > 0 ? random.Next(200) : random.Next(largest - 4))];
            random.NextBytes(payload);
            BinaryPrimitives.WriteInt32BigEndian(payload, i);
            messages.Add(new(payload, (ushort)random.Next(Streams), (uint)random.Next(), random.Next(5) == 0));
        }
        return messages;
    }

    private static SctpSettings Settings(Random random) => SctpSettings.Default with
    {
        MaximumTransmissionUnit = random.Next(2) == 0 ? 1500 : random.Next(576, 65536),
        ReceiveBuffer = random.Next(2) == 0 ? 256 * 1024 : random.Next(1500, 20_000),
        SendBuffer = random.Next(2_000, 100_000),
        InitRetries = 50,
        Retries = 100,
    };
}
