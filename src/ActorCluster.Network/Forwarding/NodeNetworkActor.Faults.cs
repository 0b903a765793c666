using ActorCluster.Network.Faults;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tracing;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>Faults: what befalls the packets that the node's pods and the node itself send, before their fate takes its course.</summary>
public sealed partial class NodeNetworkActor : IFaultSink
{
    /// <summary>Null while there are no faults, which is what each packet is checked against.</summary>
    private FaultPath? _faults;
    private ITimer? _faultTimer;
    private long _faultTimerDue = FaultWire.Never;

    /// <summary>Ticks of 100 ns on the simulation's clock, to the tick: what is due is due, however large the numbers are.</summary>
    private long Ticks
    {
        get
        {
            var clock = _options.Simulation.Clock;
            var (seconds, rest) = Math.DivRem(clock.GetTimestamp(), clock.TimestampFrequency);
            return seconds * TimeSpan.TicksPerSecond + rest * TimeSpan.TicksPerSecond / clock.TimestampFrequency;
        }
    }

    void IFaultSink.Carry(Packet sent, in Verdict verdict) => Carry(sent, verdict);

    void IFaultSink.Lose(Packet sent, in Verdict verdict, string why)
    {
        _lost[(int)Reason.Fault]++;
        if (_options.Observer is not null) Observe(sent, verdict with { Fate = Fate.Drop, Reason = Reason.Fault }, why);
    }

    private void ReplaceFaults(FaultTables faults)
    {
        if (_faults is null && faults.IsEmpty) return;
        _faults ??= new(_random.Child("faults"), this);
        _faults.Replace(faults, Ticks);
        SettleFaults();
    }

    private void OnFaultsDue()
    {
        _faultTimerDue = FaultWire.Never;
        _faults?.Release(Ticks);
        SettleFaults();
    }

    /// <returns>False: there is no fault for it.</returns>
    private bool IsTakenByFaults(Packet packet, in Verdict verdict)
    {
        // The first packet of a flow comes again, with an endpoint; what other nodes' pods sent went through their faults there.
        if (verdict.Fate is Fate.BindService or Fate.BindHostPort || !_forwarding.IsLocal(packet.Source)) return false;
        var (faults, now, at) = (_faults!, Ticks, Nanoseconds);
        var notes = _captures is null ? null : new List<string>();
        // What is due goes first, also where its timer is late.
        faults.Release(now);
        var isTaken = verdict.Fate != Fate.Drop && faults.TryTake(verdict, packet, now, notes);
        if (notes is not null) CaptureSent(packet, at, notes.Count == 0 ? null : string.Join(", ", notes));
        SettleFaults();
        return isTaken;
    }

    private Verdict WithFaults(Packet sent, in Verdict verdict, List<TraceStep> steps) =>
        _faults is null || verdict.Fate == Fate.Drop || !_forwarding.IsLocal(sent.Source) ? verdict : _faults.Explain(verdict, sent, steps);

    private void SettleFaults()
    {
        if (_faults is null) return;
        if (_faults.IsIdle)
        {
            _faults = null;
            return;
        }
        if (_faults.NextDue is not { } due || due >= _faultTimerDue) return;
        _faultTimerDue = due;
        var self = Self;
        // Whole milliseconds, rounded up: timers cut off what is below, and would come too early.
        var wait = TimeSpan.FromMilliseconds(Math.Max(1, (due - Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond));
        if (_faultTimer is null) _faultTimer = _options.Simulation.Clock.CreateTimer(_ => self.Tell(FaultsDue.Instance), null, wait, Timeout.InfiniteTimeSpan);
        else _faultTimer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private sealed class FaultsDue : INoSerializationVerificationNeeded
    {
        public static readonly FaultsDue Instance = new();
    }
}
