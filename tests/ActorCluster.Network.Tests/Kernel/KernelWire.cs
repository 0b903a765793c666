using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>What the wire between pod and kernel does to packets, both ways; delays of up to 20 ms reorder them.</summary>
internal sealed record WireImpairment(int LossPercent, int DuplicatePercent, int DelayPercent)
{
    public static readonly WireImpairment None = new(0, 0, 0);
}

/// <summary>An emulated pod at one end, the kernel's TUN device at the other; real time.</summary>
/// <remarks>Its own seeded impairment stands in for netem, which many kernels are built without; where the kernel has it, both are at work.</remarks>
internal sealed class KernelWire : IAsyncDisposable
{
    public static readonly IpAddress PodV4 = IpAddress.Parse("192.0.2.2");
    public static readonly IpAddress PodV6 = IpAddress.Parse("fd00:ac::2");

    private readonly SimulationContext _simulation;
    private readonly WireImpairment _impairment;
    private readonly Random _random;
    private readonly NetworkNamespaceOptions _options;
    private readonly Lock _lock = new();
    private readonly List<Exception> _faults = [];
    private readonly List<(bool FromPod, Func<TcpPacket, bool> Wanted, TaskCompletionSource<TcpPacket> Seen)> _watches = [];
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _stop = LinuxCalls.OpenEvent();
    private readonly Task _reading;
    private readonly HashSet<Task> _late = [];
    private List<Action>? _held;
    private volatile bool _isCut;

    public KernelWire(
        WireImpairment? impairment = null, int seed = 1, int maximumTransmissionUnit = 1500, Func<NetworkNamespaceOptions, NetworkNamespaceOptions>? configure = null,
        params (string Name, string Value)[] settings)
    {
        _impairment = impairment ?? WireImpairment.None;
        _random = new Random(seed);
        _simulation = SimulationContext.RealTime(seed) with { ReportFault = (doing, fault) => Fault(new InvalidOperationException(doing, fault)) };
        _options = new() { Name = "default/pod", Addresses = [PodV4, PodV6], MaximumTransmissionUnit = maximumTransmissionUnit };
        _options = configure?.Invoke(_options) ?? _options;
        Kernel = new(maximumTransmissionUnit, settings);
        if (IsBad)
            HasNetem = Kernel.TryImpair("loss", $"{_impairment.LossPercent}%", "duplicate", $"{_impairment.DuplicatePercent}%", "delay", "2ms", "reorder", $"{_impairment.DelayPercent}%");
        Pod = new(_options, _simulation, packet => Carry(fromPod: true, packet));
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public KernelNetwork Kernel { get; }
    public NetworkNamespace Pod { get; private set; }
    public bool HasNetem { get; }
    public bool IsBad => _impairment != WireImpairment.None;

    /// <summary>Nothing passes while it is true.</summary>
    public bool IsCut
    {
        get => _isCut;
        set => _isCut = value;
    }

    /// <summary>The pod's machine crashes, without a word to anyone, and a new one has its addresses.</summary>
    public void ReplacePod()
    {
        Pod.Dispose();
        Pod = new(_options with { Name = "default/another" }, _simulation, packet => Carry(fromPod: true, packet));
    }

    /// <summary>The next segment that satisfies a condition, in the moment in which it comes from the pod or the kernel.</summary>
    public Task<TcpPacket> SeeAsync(bool fromPod, Func<TcpPacket, bool> wanted)
    {
        var seen = new TaskCompletionSource<TcpPacket>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _watches.Add((fromPod, wanted, seen));
        return seen.Task.WaitAsync(KernelTcp.Limit);
    }

    /// <summary>Keeps all packets back until <see cref="LetGo"/>.</summary>
    public void Hold()
    {
        lock (_lock) _held = [];
    }

    public void LetGo()
    {
        List<Action> held;
        lock (_lock) (held, _held) = (_held!, null);
        foreach (var deliver in held) deliver();
    }

    /// <summary>Ends everything. Fails with what went wrong on the way, if anything did.</summary>
    public async ValueTask DisposeAsync()
    {
        Pod.Dispose();
        LinuxCalls.Signal(_stop);
        await _reading;
        Task[] late;
        lock (_lock) late = [.. _late];
        await Task.WhenAll(late);
        Kernel.Dispose();
        _stop.Dispose();
        if (_faults.Count > 0) throw new AggregateException(_faults);
    }

    private void Read()
    {
        var buffer = new byte[65536];
        while (LinuxCalls.WaitToRead(Kernel.Tun, _stop))
        {
            var bytes = buffer[..LinuxCalls.Read(Kernel.Tun, buffer)];
            try
            {
                if (PacketParser.Parse(bytes) is { } packet) Carry(fromPod: false, packet);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                Fault(fault);
            }
        }
    }

    private void Carry(bool fromPod, Packet packet)
    {
        if (packet is TcpPacket segment) Show(fromPod, segment);
        if (_isCut) return;
        int copies;
        Span<int> delays = stackalloc int[2];
        lock (_lock)
        {
            copies = _random.Next(100) < _impairment.LossPercent ? 0 : _random.Next(100) < _impairment.DuplicatePercent ? 2 : 1;
            foreach (ref var delay in delays) delay = _random.Next(100) < _impairment.DelayPercent ? _random.Next(1, 20) : 0;
            if (_held is not null)
            {
                _held.Add(() => Deliver(fromPod, packet));
                return;
            }
        }
        for (var i = 0; i < copies; i++)
        {
            if (delays[i] == 0) Deliver(fromPod, packet);
            else DeliverLater(fromPod, packet, TimeSpan.FromMilliseconds(delays[i]));
        }
    }

    private void DeliverLater(bool fromPod, Packet packet, TimeSpan delay)
    {
        var delivery = Task.Delay(delay).ContinueWith(_ => Deliver(fromPod, packet), TaskScheduler.Default);
        lock (_lock) _late.Add(delivery);
        delivery.ContinueWith(done => { lock (_lock) _late.Remove(done); }, TaskScheduler.Default);
    }

    private void Deliver(bool fromPod, Packet packet)
    {
        try
        {
            if (!fromPod)
            {
                Pod.Receive(packet);
                return;
            }
            var bytes = PacketBytes.Of(packet);
            bytes.Length.ShouldBe(packet.Length);
            LinuxCalls.Write(Kernel.Tun, bytes);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Fault(fault);
        }
    }

    private void Show(bool fromPod, TcpPacket segment)
    {
        lock (_lock)
        {
            for (var i = _watches.Count - 1; i >= 0; i--)
            {
                var (side, wanted, seen) = _watches[i];
                if (side != fromPod || !wanted(segment)) continue;
                _watches.RemoveAt(i);
                seen.SetResult(segment);
            }
        }
    }

    private void Fault(Exception fault)
    {
        lock (_lock) _faults.Add(fault);
    }
}
