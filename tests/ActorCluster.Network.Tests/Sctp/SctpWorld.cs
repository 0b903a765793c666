using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sctp;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tests.Tcp;

namespace ActorCluster.Network.Tests.Sctp;

/// <summary>Two associations' ends, a bad wire between them, and virtual time: everything follows from one seed. The right side listens as a namespace does.</summary>
internal sealed class SctpWorld
{
    private readonly PriorityQueue<(SctpPacket Packet, SctpPeer To), (long, int)> _wire = new();
    private readonly Random _random;
    private readonly WireFaults _faults;
    private readonly SctpSettings _rightSettings;
    private readonly SctpSecrets _rightSecrets;
    private int _order;

    public SctpWorld(int seed, WireFaults faults, SctpSettings left, SctpSettings right)
    {
        (_random, _faults, _rightSettings) = (new Random(seed), faults, right);
        var (a, b) = (new SocketAddress(IpAddress.FromV4(1), 1000), new SocketAddress(IpAddress.FromV4(2), 80));
        _rightSecrets = new(new RandomSource(seed + 1));
        Left = new(this, a, b, left, new(new RandomSource(seed)));
        Right = new(this, b, a, right, _rightSecrets);
    }

    public long Now { get; private set; }
    public SctpPeer Left { get; }
    public SctpPeer Right { get; }
    public List<SctpPacket> Sent { get; } = [];

    public void Carry(SctpPacket packet, SctpPeer from)
    {
        Sent.Add(packet);
        if (_random.Next(100) < _faults.LossPercent) return;
        var copies = _random.Next(100) < _faults.DuplicatePercent ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var delay = TimeSpan.TicksPerMillisecond * (_random.Next(100) < _faults.ReorderPercent ? _random.Next(1, 50) : 1);
            _wire.Enqueue((packet, from == Left ? Right : Left), (Now + delay, _order++));
        }
    }

    /// <summary>Steps until <paramref name="done"/>; fails when that takes absurdly long.</summary>
    public void RunUntil(Func<bool> done, string what)
    {
        for (var steps = 0; !done(); steps++)
        {
            if (steps > 200_000) throw new InvalidOperationException($"No end in sight waiting for {what}: {Left} / {Right}");
            Step();
        }
    }

    /// <summary>One step: the next arrival or deadline, then whatever the two programs want to do.</summary>
    public void Step()
    {
        Left.Act(_random);
        Right.Act(_random);
        var arrival = _wire.TryPeek(out _, out var at) ? at.Item1 : long.MaxValue;
        var deadline = Math.Min(Left.Machine.Deadline, Right.Machine.Deadline);
        if (arrival == long.MaxValue && deadline == long.MaxValue) return;
        Now = Math.Max(Now, Math.Min(arrival, deadline));
        if (arrival <= deadline)
        {
            var (packet, to) = _wire.Dequeue();
            Deliver(packet, to);
            return;
        }
        if (Left.Machine.Deadline <= Now) Left.Machine.Tick(Now);
        if (Right.Machine.Deadline <= Now) Right.Machine.Tick(Now);
    }

    private void Deliver(SctpPacket packet, SctpPeer to)
    {
        var machine = to.Machine;
        if (packet.Chunks is [SctpCookieEcho echo, ..])
        {
            if (!to.Secrets.TryOpen(packet, echo.Cookie.Span, out var cookie)) throw new InvalidOperationException("A cookie came back damaged.");
            if (machine.State == SctpState.Closed)
            {
                if (to == Right && !to.Started) to.Accept(cookie, Now);
                else Answer(packet, to);
            }
            else if (machine.Judge(cookie) == CookieMeaning.ThisAssociation)
            {
                machine.OnCookie(cookie, Now);
            }
        }
        else if (packet.IsInit)
        {
            if (machine.State != SctpState.Closed) machine.OnInit(packet, Now);
            else if (to == Right && !to.Started) Carry(_rightSecrets.Answer(packet, _rightSecrets.NextTag(), _rightSecrets.NextTsn(), _rightSettings, Now), Right);
            else Answer(packet, to);
        }
        else if (machine.State == SctpState.Closed)
        {
            Answer(packet, to);
        }
        else
        {
            machine.Receive(packet, Now);
        }
    }

    private void Answer(SctpPacket packet, SctpPeer to)
    {
        if (OutOfTheBlue.Answer(packet) is { } answer) Carry(answer, to);
    }
}

/// <summary>One end and its program: it sends what it was given at a random pace, reads at another, and shuts down when all is sent and what it waits for is there.</summary>
internal sealed class SctpPeer : ISctpOutput
{
    private readonly SctpWorld _world;
    private readonly SocketAddress _local;
    private readonly SocketAddress _remote;
    private readonly SctpSettings _settings;
    private readonly Queue<int> _unread = [];
    private IReadOnlyList<SctpMessage> _toSend = [];
    private int _sent;

    public SctpPeer(SctpWorld world, SocketAddress local, SocketAddress remote, SctpSettings settings, SctpSecrets secrets)
    {
        (_world, _local, _remote, _settings, Secrets) = (world, local, remote, settings, secrets);
        Machine = new(settings, secrets, local, remote, this);
    }

    public SctpSecrets Secrets { get; }
    public SctpAssociationMachine Machine { get; private set; }
    public List<SctpMessage> Received { get; } = [];
    public bool Started { get; private set; }
    public bool Established { get; private set; }
    public bool Ended { get; private set; }
    public bool Closed { get; private set; }
    public SocketFault? Fault { get; private set; }
    public bool Reads { get; set; } = true;

    /// <summary>Messages that it wants to have before it shuts down; beyond all: it never does.</summary>
    public int Expects { get; set; }

    public void Write(IReadOnlyList<SctpMessage> messages) => _toSend = messages;

    public void Connect()
    {
        Started = true;
        Machine.Connect(_world.Now);
    }

    public void Accept(in SctpCookie cookie, long now)
    {
        Started = true;
        Machine = new(_settings, Secrets, _local, _remote, this, cookie.LocalTag, cookie.LocalTsn);
        Machine.Accept(cookie, now);
    }

    public void Act(Random random)
    {
        if (!Established || Closed) return;
        if (_sent < _toSend.Count && Machine.CanSend && Machine.HasSpaceFor(_toSend[_sent].Payload.Length) && random.Next(3) > 0)
        {
            Machine.IsSendable(_toSend[_sent].Payload.Length).ShouldBeTrue();
            Machine.Send(_toSend[_sent++]);
            Machine.Push(_world.Now);
        }
        if (_sent == _toSend.Count && Received.Count >= Expects) Machine.Shutdown(_world.Now);
        if (Reads && _unread.Count > 0 && random.Next(3) > 0) Machine.Consume(_unread.Dequeue());
    }

    public void Transmit(SctpPacket packet)
    {
        packet.Length.ShouldBeLessThanOrEqualTo(_settings.MaximumTransmissionUnit);
        _world.Carry(packet, this);
    }

    public void OnEstablished() => Established = true;
    public void OnEnd() => Ended = true;
    public void OnClosed(SocketFault? fault) => (Closed, Fault) = (true, fault);

    public void OnMessage(SctpMessage message, int cost)
    {
        Ended.ShouldBeFalse("a message came after the end");
        Received.Add(message);
        _unread.Enqueue(cost);
    }

    public override string ToString() => $"{Machine.State} sent {_sent} of {_toSend.Count}, received {Received.Count} of {Expects}, ended {Ended}, fault {Fault}";
}
