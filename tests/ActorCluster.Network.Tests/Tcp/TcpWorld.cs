using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Tests.Tcp;

/// <summary>What the wire does to segments.</summary>
public sealed record WireFaults(int LossPercent, int DuplicatePercent, int ReorderPercent);

/// <summary>Two machines, a bad wire between them, and virtual time: everything follows from one seed.</summary>
internal sealed class TcpWorld
{
    private readonly PriorityQueue<(TcpPacket Segment, TcpPeer To), (long, int)> _wire = new();
    private readonly Random _random;
    private readonly WireFaults _faults;
    private int _order;

    public TcpWorld(int seed, WireFaults faults, TcpSettings left, TcpSettings right)
    {
        (_random, _faults) = (new Random(seed), faults);
        var (a, b) = (new SocketAddress(IpAddress.FromV4(1), 1000), new SocketAddress(IpAddress.FromV4(2), 80));
        Left = new(this, left, a, b, (uint)_random.NextInt64());
        Right = new(this, right, b, a, (uint)_random.NextInt64());
    }

    public long Now { get; private set; }
    public TcpPeer Left { get; }
    public TcpPeer Right { get; }
    public List<TcpPacket> Sent { get; } = [];

    /// <summary>Whom a SYN that nobody expects starts: the right side, as a listener does.</summary>
    public bool RightListens { get; set; } = true;

    public void Carry(TcpPacket segment, TcpPeer from)
    {
        Sent.Add(segment);
        var to = from == Left ? Right : Left;
        if (_random.Next(100) < _faults.LossPercent) return;
        var copies = _random.Next(100) < _faults.DuplicatePercent ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var delay = TimeSpan.TicksPerMillisecond * (_random.Next(100) < _faults.ReorderPercent ? _random.Next(1, 50) : 1);
            _wire.Enqueue((segment, to), (Now + delay, _order++));
        }
    }

    /// <summary>One step: the next arrival or deadline, then whatever the two programs want to do.</summary>
    /// <returns>False: nothing will ever happen again.</returns>
    public bool Step()
    {
        Left.Act(_random);
        Right.Act(_random);
        var arrival = _wire.TryPeek(out _, out var at) ? at.Item1 : long.MaxValue;
        var deadline = Math.Min(Left.Deadline, Right.Deadline);
        if (arrival == long.MaxValue && deadline == long.MaxValue) return false;
        Now = Math.Max(Now, Math.Min(arrival, deadline));
        if (arrival <= deadline)
        {
            var (segment, to) = _wire.Dequeue();
            if (to == Right && RightListens && Right.Machine.State == TcpState.Closed && !Right.Closed && segment.Flags == TcpFlags.Syn) Right.Machine.Accept(segment, Now);
            else to.Receive(segment);
        }
        else
        {
            if (Left.Deadline <= Now) Left.Tick();
            if (Right.Deadline <= Now) Right.Tick();
        }
        return true;
    }

    /// <summary>Steps until <paramref name="done"/>; fails when that takes absurdly long or nothing moves any more.</summary>
    public void RunUntil(Func<bool> done, string what)
    {
        var idle = 0;
        for (var steps = 0; !done(); steps++)
        {
            if (steps > 200_000) throw new InvalidOperationException($"No end in sight waiting for {what}: {Dump()}");
            idle = Step() ? 0 : idle + 1; // a program may be in no mood to write or read, but not a hundred times in a row
            if (idle > 100 && !done()) throw new InvalidOperationException($"Deadlock waiting for {what}: {Dump()}");
        }
    }

    /// <summary>Both ends, and the last segments that either sent.</summary>
    private string Dump() => $"{Left} / {Right}" + string.Concat(Sent.TakeLast(40).Select(segment =>
        $"\n{(segment.SourcePort == 80 ? "<" : ">")} {segment.Flags} seq {segment.Sequence} +{segment.Payload.Length} ack {segment.Acknowledgment} window {segment.Window}"));
}

/// <summary>One end and its program: it writes what it was given in random pieces, reads at a random pace, and closes when all is written.</summary>
internal sealed class TcpPeer : ITcpOutput
{
    private readonly TcpWorld _world;
    private byte[] _toWrite = [];
    private int _written;
    private int _unread;
    private TcpTimeWait? _rest;

    public TcpPeer(TcpWorld world, TcpSettings settings, SocketAddress local, SocketAddress remote, uint initialSequence)
    {
        _world = world;
        Machine = new(settings, local, remote, initialSequence, this);
    }

    public TcpConnectionMachine Machine { get; }
    public List<byte> Received { get; } = [];
    public bool Established { get; private set; }
    public bool Ended { get; private set; }
    public bool Closed { get; private set; }
    public SocketFault? Fault { get; private set; }
    public bool CloseAfterWriting { get; set; } = true;
    public bool Reads { get; set; } = true;
    public bool HasWritten => _written == _toWrite.Length;

    public long Deadline => _rest?.Ends ?? Machine.Deadline;

    public void Write(byte[] data) => _toWrite = data;

    public void Receive(TcpPacket segment)
    {
        if (Closed) return;
        if (_rest is { } rest)
        {
            if (rest.Receive(segment, _world.Now) is { } answer) Transmit(answer);
            _rest = rest;
            return;
        }
        Machine.Receive(segment, _world.Now);
        if (Machine.State == TcpState.TimeWait) _rest = Machine.ToTimeWait(_world.Now);
    }

    public void Tick()
    {
        if (_rest is null)
        {
            Machine.Tick(_world.Now);
            return;
        }
        // As if the connection had never been.
        _rest = null;
        OnClosed(null);
    }

    public void Act(Random random)
    {
        if (!Established || Closed || _rest is not null) return;
        if (!HasWritten && Machine.SendSpace > 0 && random.Next(3) > 0)
        {
            var count = Math.Min(_toWrite.Length - _written, random.Next(1, 3000));
            Machine.Write(_toWrite.AsMemory(_written, count));
            Machine.Push(_world.Now);
            _written += count;
        }
        if (HasWritten && CloseAfterWriting) Machine.CloseSend(_world.Now);
        if (Reads && _unread > 0 && random.Next(3) > 0)
        {
            var count = random.Next(1, _unread + 1);
            _unread -= count;
            Machine.Consume(count);
        }
    }

    public void Transmit(TcpPacket segment) => _world.Carry(segment, this);
    public void OnEstablished() => Established = true;
    public void OnSendSpace() { }
    public void OnEnd() => Ended = true;
    public void OnClosed(SocketFault? fault) => (Closed, Fault) = (true, fault);

    public void OnData(ReadOnlyMemory<byte> data)
    {
        Ended.ShouldBeFalse("data came after the end");
        Received.AddRange(data.Span);
        _unread += data.Length;
    }

    public override string ToString() => $"{Machine.State} wrote {_written} of {_toWrite.Length}, received {Received.Count}, ended {Ended}, fault {Fault}";
}
