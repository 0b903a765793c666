using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Tcp;

/// <summary>Segments that nobody sent who should: into any state, in and around any window.</summary>
public class TcpFuzzSpecs
{
    private static readonly SocketAddress Own = new(IpAddress.FromV4(1), 1000);
    private static readonly SocketAddress Peer = new(IpAddress.FromV4(2), 80);

    public static TheoryData<string> States => [.. Enum.GetNames<TcpState>()];

    [Theory]
    [MemberData(nameof(States))]
    public void Random_segments_do_no_harm_in_any_state(string name)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var output = new Output();
            var machine = InState(Enum.Parse<TcpState>(name), output);
            machine.State.ToString().ShouldBe(name);
            long now = 0;
            for (var i = 0; i < 100; i++)
            {
                now += random.Next((int)TimeSpan.TicksPerMillisecond * 100);
                if (machine.Deadline <= now) machine.Tick(now);
                machine.Receive(RandomSegment(random), now);
                if (random.Next(4) == 0 && output.Unread > 0)
                {
                    var count = random.Next(1, output.Unread + 1);
                    output.Unread -= count;
                    machine.Consume(count);
                }
                if (random.Next(10) == 0 && machine.State is TcpState.Established or TcpState.CloseWait)
                {
                    machine.Write(new byte[random.Next(5000)]);
                    machine.Push(now);
                }
                output.Unread.ShouldBeLessThanOrEqualTo(TcpSettings.Default.ReceiveBuffer, "no more is taken than the window allows");
            }
            if (output.Closed) machine.Deadline.ShouldBe(TcpConnectionMachine.Never);
        }
    }

    [Fact]
    public void Random_segments_in_time_wait_are_answered_with_nothing_but_what_was_acknowledged_already()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var rest = InState(TcpState.TimeWait, new()).ToTimeWait(0);
            for (var now = 0L; now < 20 * TimeSpan.TicksPerSecond; now += random.Next((int)TimeSpan.TicksPerSecond))
            {
                var segment = RandomSegment(random);
                if (rest.Receive(segment, now) is { } answer) (answer.Flags, answer.Sequence, answer.Acknowledgment, answer.Payload.Length).ShouldBe((TcpFlags.Ack, 102u, 502u, 0));
                if (rest.Ends <= now) (segment.Flags.HasFlag(TcpFlags.Rst), segment.Sequence).ShouldBe((true, 502u));
            }
        }
    }

    /// <summary>RFC 5961: a blind attacker, who guesses neither the window's first byte nor an acknowledgment, changes nothing of what legitimate peers exchange.</summary>
    [Property(MaxTest = 150)]
    public void What_an_attacker_sends_from_aside_changes_nothing_of_what_the_peers_exchange(int seed)
    {
        var random = new Random(seed);
        var world = new TcpWorld(seed, new(random.Next(10), random.Next(10), random.Next(30)), TcpSettings.Default, TcpSettings.Default);
        var (fromLeft, fromRight) = (new byte[random.Next(20_000)], new byte[random.Next(20_000)]);
        random.NextBytes(fromLeft);
        random.NextBytes(fromRight);
        world.Left.Write(fromLeft);
        world.Right.Write(fromRight);
        world.Left.Machine.Connect(0);
        world.RunUntil(() => world.Left.Established && world.Right.Established, "the handshake");
        for (var i = 0; i < 300 && !(world.Left.Closed && world.Right.Closed); i++)
        {
            var victim = random.Next(2) == 0 ? world.Left : world.Right;
            // What the victim's peer really sent last, and from there: far outside the window, or inside it but with an acknowledgment that can't be.
            if (world.Sent.LastOrDefault(segment => segment.SourcePort != (victim == world.Left ? 1000 : 80)) is { } genuine) victim.Receive(Forge(random, genuine));
            world.Step();
        }
        world.RunUntil(() => world.Left.Ended && world.Right.Ended, "both ends");
        world.Right.Received.ShouldBe(fromLeft);
        world.Left.Received.ShouldBe(fromRight);
    }

    private static TcpPacket Forge(Random random, TcpPacket genuine)
    {
        var payload = new byte[random.Next(3) == 0 ? 0 : random.Next(3000)];
        random.NextBytes(payload);
        var far = (uint)random.Next(1 << 30, int.MaxValue) + (uint)random.Next(1 << 30);
        return random.Next(3) switch
        {
            0 => genuine with { Flags = (TcpFlags)random.Next(64), Sequence = genuine.Sequence + far, Payload = payload, Window = (ushort)random.Next(65536) },
            1 => genuine with
            {
                Flags = (TcpFlags)random.Next(64) & ~(TcpFlags.Rst | TcpFlags.Syn) | TcpFlags.Ack, Sequence = genuine.Sequence + (uint)random.Next(-3000, 60_000),
                Acknowledgment = genuine.Acknowledgment + far, Payload = payload, Window = (ushort)random.Next(65536),
            },
            _ => genuine with { Flags = TcpFlags.Syn | (TcpFlags)random.Next(64) & ~TcpFlags.Rst, Sequence = genuine.Sequence + (uint)random.Next(60_000), Payload = payload },
        };
    }

    private static TcpPacket RandomSegment(Random random)
    {
        var payload = new byte[random.Next(2) == 0 ? 0 : random.Next(70_000)];
        var (sequence, acknowledgment) = random.Next(4) == 0
            ? ((uint)random.NextInt64(), (uint)random.NextInt64())
            : (501 + (uint)random.Next(-3000, 300_000), 101 + (uint)random.Next(-3000, 20_000));
        return new(Peer.Address, Own.Address, Peer.Port, Own.Port, sequence, acknowledgment, (TcpFlags)random.Next(64), (ushort)random.Next(65536), payload,
            (ushort)(random.Next(3) == 0 ? random.Next(65536) : 0), random.Next(3) == 0 ? (byte)random.Next(256) : null);
    }

    private static TcpConnectionMachine InState(TcpState state, Output output)
    {
        var machine = new TcpConnectionMachine(TcpSettings.Default, Own, Peer, 100, output);
        void Receive(TcpFlags flags, uint sequence, uint acknowledgment) =>
            machine.Receive(new(Peer.Address, Own.Address, Peer.Port, Own.Port, sequence, acknowledgment, flags, 60000, default, 1460), 0);
        if (state == TcpState.Closed) return machine;
        if (state == TcpState.SynReceived)
        {
            machine.Accept(new(Peer.Address, Own.Address, Peer.Port, Own.Port, 500, 0, TcpFlags.Syn, 60000, default, 1460), 0);
            return machine;
        }
        machine.Connect(0);
        if (state == TcpState.SynSent) return machine;
        Receive(TcpFlags.Syn | TcpFlags.Ack, 500, 101);
        if (state == TcpState.Established) return machine;
        if (state is TcpState.CloseWait or TcpState.LastAck)
        {
            Receive(TcpFlags.Fin | TcpFlags.Ack, 501, 101);
            if (state == TcpState.LastAck) machine.CloseSend(0);
            return machine;
        }
        machine.CloseSend(0);
        if (state == TcpState.Closing) Receive(TcpFlags.Fin | TcpFlags.Ack, 501, 101);
        else if (state is TcpState.FinWait2 or TcpState.TimeWait) Receive(TcpFlags.Ack, 501, 102);
        if (state == TcpState.TimeWait) Receive(TcpFlags.Fin | TcpFlags.Ack, 501, 102);
        return machine;
    }

    private sealed class Output : ITcpOutput
    {
        public int Unread { get; set; }
        public bool Closed { get; private set; }

        public void Transmit(TcpPacket segment) => segment.Payload.Length.ShouldBeLessThanOrEqualTo(65495);
        public void OnEstablished() { }
        public void OnData(ReadOnlyMemory<byte> data) => Unread += data.Length;
        public void OnEnd() { }
        public void OnSendSpace() { }

        public void OnClosed(SocketFault? fault)
        {
            Closed.ShouldBeFalse("it is closed once");
            Closed = true;
        }
    }
}
