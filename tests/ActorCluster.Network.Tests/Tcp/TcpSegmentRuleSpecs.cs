using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Tcp;

/// <summary>Single rules of RFC 9293 (and 5961) on one machine with a peer that the test plays itself.</summary>
public class TcpSegmentRuleSpecs : ITcpOutput
{
    private static readonly SocketAddress Own = new(IpAddress.FromV4(1), 1000);
    private static readonly SocketAddress Peer = new(IpAddress.FromV4(2), 80);

    private readonly List<TcpPacket> _sent = [];
    private readonly MemoryStream _received = new();
    private readonly TcpConnectionMachine _machine;
    private SocketFault? _fault;
    private bool _closed;
    private long _now;

    public TcpSegmentRuleSpecs() => _machine = new(TcpSettings.Default, Own, Peer, 100, this);

    [Fact]
    public void A_reset_with_the_exact_sequence_number_ends_the_connection_and_one_nearby_is_challenged()
    {
        Establish();
        Receive(TcpFlags.Rst, sequence: 505);
        (_closed, _sent.Count).ShouldBe((false, 1));
        Last.ShouldSatisfyAllConditions(s => s.Flags.ShouldBe(TcpFlags.Ack), s => s.Acknowledgment.ShouldBe(501u));
        Receive(TcpFlags.Rst, sequence: 501);
        _fault.ShouldBe(SocketFault.ConnectionReset);
    }

    [Fact]
    public void A_reset_outside_the_window_is_ignored()
    {
        Establish();
        Receive(TcpFlags.Rst, sequence: 500);
        Receive(TcpFlags.Rst, sequence: 501 + 1_000_000);
        (_closed, _sent.Count).ShouldBe((false, 0));
    }

    [Fact]
    public void A_syn_in_an_established_connection_is_challenged()
    {
        Establish();
        Receive(TcpFlags.Syn, sequence: 600);
        (_closed, Last.Flags).ShouldBe((false, TcpFlags.Ack));
    }

    [Fact]
    public void An_acknowledgment_of_what_was_never_sent_is_challenged_but_not_without_end()
    {
        Establish();
        for (var i = 0; i < 100; i++) Receive(TcpFlags.Ack, sequence: 501, acknowledgment: 5000);
        _sent.Count.ShouldBe(1);
    }

    [Fact]
    public void Data_with_an_acknowledgment_of_long_ago_is_challenged_and_not_taken()
    {
        Establish();
        Receive(TcpFlags.Ack, 501, unchecked((uint)(101 - 60_001)), "blind"u8.ToArray());
        (_received.Length, Last.Acknowledgment).ShouldBe((0, 501u));
        Receive(TcpFlags.Ack, 501, unchecked((uint)(101 - 60_000)), "late"u8.ToArray());
        _received.Length.ShouldBe(4);
    }

    [Fact]
    public void An_acknowledgment_after_a_probe_of_a_shut_window_stays_within_it()
    {
        Establish();
        Receive(TcpFlags.Ack, 501, 101, window: 0);
        _machine.Write("abc"u8.ToArray());
        _machine.Push(_now);
        _now = _machine.Deadline;
        _machine.Tick(_now);
        (Last.Sequence, Last.Payload.Length).ShouldBe((101u, 1));
        Receive(TcpFlags.Ack, 501, 101, new byte[5000], window: 0);
        (Last.Sequence, Last.Acknowledgment, Last.Payload.Length).ShouldBe((101u, 5501u, 0));
    }

    [Fact]
    public void An_acknowledgment_from_the_window_s_edge_counts_and_one_from_beyond_it_does_not()
    {
        Establish();
        _machine.Write("abc"u8.ToArray());
        _machine.Push(_now);
        var edge = 501 + (uint)Last.Window;
        Receive(TcpFlags.Ack, edge + 100_000_000, 104);
        _machine.Deadline.ShouldNotBe(TcpConnectionMachine.Never, "it still waits for an acknowledgment");
        Receive(TcpFlags.Ack, edge, 104);
        _machine.Deadline.ShouldBe(TcpConnectionMachine.Never);
    }

    [Fact]
    public void A_silly_window_is_not_filled_while_an_acknowledgment_is_on_its_way()
    {
        Establish(segmentSize: 1000);
        Receive(TcpFlags.Ack, 501, 101, window: 4010);
        _sent.Clear();
        _machine.Write(new byte[8000]);
        _machine.Push(_now);
        _sent.Select(segment => segment.Payload.Length).ShouldBe([1000, 1000, 1000, 1000]);
        Receive(TcpFlags.Ack, 501, 1101, window: 4010);
        (_sent.Count, Last.Payload.Length).ShouldBe((5, 1000));
        Receive(TcpFlags.Ack, 501, 5101, window: 10);
        (_sent.Count, Last.Payload.Length).ShouldBe((6, 10), "nothing is on its way, so that this can't wait for it");
    }

    [Fact]
    public void A_syn_that_is_answered_with_a_wrong_acknowledgment_is_reset_and_goes_on_waiting()
    {
        _machine.Connect(0);
        _sent.Clear();
        Receive(TcpFlags.Syn | TcpFlags.Ack, sequence: 500, acknowledgment: 99);
        (Last.Flags, Last.Sequence, _machine.State).ShouldBe((TcpFlags.Rst, 99u, TcpState.SynSent));
    }

    [Fact]
    public void Three_duplicate_acknowledgments_bring_the_missing_segment_at_once()
    {
        Establish(segmentSize: 1000);
        _machine.Write(new byte[8000]);
        _machine.Push(_now);
        _sent.Count.ShouldBe(8);
        _sent.Clear();
        for (var i = 0; i < 2; i++) Receive(TcpFlags.Ack, 501, 101);
        _sent.ShouldBeEmpty();
        Receive(TcpFlags.Ack, 501, 101);
        (_sent.Count, Last.Sequence, Last.Payload.Length).ShouldBe((1, 101u, 1000));
    }

    [Fact]
    public void A_segment_that_is_sent_again_has_nothing_in_it_that_was_not_sent_before()
    {
        Establish(segmentSize: 1000);
        Receive(TcpFlags.Ack, 501, 101, window: 600);
        _machine.Write(new byte[8000]);
        _machine.Push(_now);
        (_sent.Count, Last.Payload.Length).ShouldBe((1, 600), "the window cuts it short");
        for (var i = 0; i < 3; i++) Receive(TcpFlags.Ack, 501, 101, window: 600);
        (_sent.Count, Last.Sequence, Last.Payload.Length).ShouldBe((2, 101u, 600));
        Receive(TcpFlags.Ack, 501, 701, window: 600);
        Last.Sequence.ShouldBe(701u, "it was acknowledged, and more follows");
    }

    [Fact]
    public void The_timer_doubles_with_each_retransmission_and_gives_up_in_the_end()
    {
        Establish();
        _machine.Write("x"u8.ToArray());
        _machine.Push(_now);
        var times = new List<long>();
        while (!_closed)
        {
            _now = _machine.Deadline;
            times.Add(_now);
            _machine.Tick(_now);
        }
        _fault.ShouldBe(SocketFault.TimedOut);
        times.Count.ShouldBe(TcpSettings.Default.DataRetries + 1);
        (times[2] - times[1]).ShouldBe(2 * (times[1] - times[0]));
    }

    [Fact]
    public void Small_data_is_acknowledged_late_and_large_data_at_once()
    {
        Establish();
        Receive(TcpFlags.Ack, 501, 101, new byte[100]);
        _sent.ShouldBeEmpty();
        _now = _machine.Deadline;
        _now.ShouldBe(TcpSettings.Default.DelayedAck);
        _machine.Tick(_now);
        Last.Acknowledgment.ShouldBe(601u);
        Receive(TcpFlags.Ack, 601, 101, new byte[5000]);
        Last.Acknowledgment.ShouldBe(5601u);
    }

    [Fact]
    public void Data_after_both_sides_of_the_program_are_closed_is_reset()
    {
        Establish();
        _machine.CloseSend(_now);
        _machine.CloseReceive(_now);
        Receive(TcpFlags.Ack, 501, 102, "late"u8.ToArray());
        (Last.Flags.HasFlag(TcpFlags.Rst), _closed, _fault).ShouldBe((true, true, null));
    }

    [Fact]
    public void In_time_wait_a_repeated_fin_is_acknowledged_and_a_later_syn_may_take_over()
    {
        var rest = WaitTime();
        _machine.State.ShouldBe(TcpState.TimeWait);
        rest.Receive(Segment(TcpFlags.Fin | TcpFlags.Ack, 501, 102), _now)!.ShouldSatisfyAllConditions(
            s => s.Flags.ShouldBe(TcpFlags.Ack), s => s.Sequence.ShouldBe(102u), s => s.Acknowledgment.ShouldBe(502u), s => s.Ends.ShouldBe(Last.Ends), s => s.Window.ShouldBe(Last.Window));
        (rest.MayBeReplacedBy(Segment(TcpFlags.Syn, 400, 0)), rest.MayBeReplacedBy(Segment(TcpFlags.Syn, 900, 0))).ShouldBe((false, true));
        (rest.SuccessorSequence - 102 > 60000).ShouldBeTrue("beyond all that may still be on its way");
    }

    [Fact]
    public void Time_wait_begins_anew_with_each_repetition_and_ends_early_with_a_reset_alone_that_has_the_exact_sequence_number()
    {
        var rest = WaitTime();
        _now += TimeSpan.TicksPerSecond;
        rest.Receive(Segment(TcpFlags.Fin | TcpFlags.Ack, 501, 102), _now).ShouldNotBeNull();
        rest.Ends.ShouldBe(_now + TcpSettings.Default.TimeWait);
        (rest.MayBeSucceeded(TimeSpan.TicksPerSecond, _now), rest.MayBeSucceeded(TimeSpan.TicksPerSecond, _now + TimeSpan.TicksPerSecond)).ShouldBe((false, true));
        rest.Receive(Segment(TcpFlags.Rst, 505, 0), _now).ShouldNotBeNull();
        rest.Receive(Segment(TcpFlags.Rst, 400, 0), _now).ShouldBeNull();
        (rest.Ends > _now).ShouldBeTrue();
        rest.Receive(Segment(TcpFlags.Rst, 502, 0), _now).ShouldBeNull();
        rest.Ends.ShouldBe(_now);
    }

    [Fact]
    public void In_time_wait_challenges_are_not_answered_without_end()
    {
        var rest = WaitTime();
        var answers = Enumerable.Range(0, 100).Count(_ => rest.Receive(Segment(TcpFlags.Ack, 502, 5000), _now) is not null || rest.Receive(Segment(TcpFlags.Syn, 510, 0), _now) is not null);
        (answers, rest.Receive(Segment(TcpFlags.Ack, 502, 102), _now)).ShouldBe((1, null));
    }

    [Property(MaxTest = 500)]
    public void Whatever_segments_come_the_machine_stays_sound(int seed)
    {
        var random = new Random(seed);
        var machine = new TcpSegmentRuleSpecs();
        if (random.Next(2) == 0) machine.Establish();
        else machine._machine.Connect(0);
        var finished = false;
        for (var i = 0; i < 300 && !machine._closed; i++)
        {
            machine._now += random.Next((int)TimeSpan.TicksPerMillisecond * 50);
            if (machine._machine.Deadline <= machine._now) machine._machine.Tick(machine._now);
            switch (random.Next(6))
            {
                case 0 when !finished && machine._machine.State is TcpState.Established or TcpState.CloseWait && machine._machine.SendSpace > 0:
                    machine._machine.Write(new byte[random.Next(3000)]);
                    machine._machine.Push(machine._now);
                    break;
                case 1 when random.Next(20) == 0:
                    finished = true;
                    machine._machine.CloseSend(machine._now);
                    break;
                default:
                    // Near what would fit, so that many are taken; with flags that mostly make sense.
                    var flags = random.Next(30) == 0 ? (TcpFlags)random.Next(64) : random.Next(20) == 0 ? TcpFlags.Fin | TcpFlags.Ack : TcpFlags.Ack;
                    machine.Receive(flags, 501 + (uint)random.Next(-50, 3000), 101 + (uint)random.Next(-50, 3000), new byte[random.Next(3) == 0 ? random.Next(500) : 0], (ushort)random.Next(3000));
                    break;
            }
        }
        machine._sent.ShouldAllBe(segment => segment.Payload.Length <= 65495);
    }

    void ITcpOutput.Transmit(TcpPacket segment) => _sent.Add(segment);
    void ITcpOutput.OnEstablished() { }
    void ITcpOutput.OnData(ReadOnlyMemory<byte> data) => _received.Write(data.Span);
    void ITcpOutput.OnEnd() { }
    void ITcpOutput.OnSendSpace() { }
    void ITcpOutput.OnClosed(SocketFault? fault) => (_closed, _fault) = (true, fault);

    private TcpPacket Last => _sent[^1];

    private void Establish(ushort segmentSize = 65495)
    {
        _machine.Connect(_now);
        _machine.Receive(Segment(TcpFlags.Syn | TcpFlags.Ack, 500, 101) with { MaximumSegmentSize = segmentSize }, _now);
        _machine.State.ShouldBe(TcpState.Established);
        _sent.Clear();
    }

    /// <summary>In TIME-WAIT: our FIN was sent with 101, the peer's with 501.</summary>
    private TcpTimeWait WaitTime()
    {
        Establish();
        _machine.CloseSend(_now);
        Receive(TcpFlags.Ack, 501, 102);
        Receive(TcpFlags.Fin | TcpFlags.Ack, 501, 102);
        return _machine.ToTimeWait(_now);
    }

    private void Receive(TcpFlags flags, uint sequence, uint acknowledgment = 101, byte[]? data = null, ushort window = 60000) =>
        _machine.Receive(Segment(flags, sequence, acknowledgment, data, window), _now);

    private static TcpPacket Segment(TcpFlags flags, uint sequence, uint acknowledgment, byte[]? data = null, ushort window = 60000) =>
        new(Peer.Address, Own.Address, Peer.Port, Own.Port, sequence, acknowledgment, flags, window, data);
}
