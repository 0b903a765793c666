using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tracing;

namespace ActorCluster.Network.Faults;

/// <summary>Where packets go that come out of a <see cref="FaultPath"/>.</summary>
internal interface IFaultSink
{
    /// <summary>The packet's fate takes its course.</summary>
    /// <param name="sent">The packet as it was sent.</param>
    void Carry(Packet sent, in Verdict verdict);

    /// <param name="why">By which fault.</param>
    void Lose(Packet sent, in Verdict verdict, string why);
}

/// <summary>
/// A node's faults without actors: what its pods and the node itself send goes through the wires of the faults that befall it, one after the other, before
/// the packet's fate takes its course. Times are ticks of 100 ns.
/// </summary>
internal sealed class FaultPath(RandomSource random, IFaultSink sink)
{
    /// <summary>Pairs of ends whose faults are remembered.</summary>
    private const int MostWays = 4096;

    private readonly PriorityQueue<HeldPacket, (long Due, long Order)> _held = new();
    private readonly Dictionary<Fault, Dictionary<IpAddress, FaultWire>> _wires = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(IpAddress, IpAddress, IpAddress), ActiveFault[]> _ways = [];
    private FaultTables _tables = FaultTables.Empty;
    private long _order;

    /// <summary>There is nothing to do and nothing waits.</summary>
    public bool IsIdle => _tables.IsEmpty && _held.Count == 0;

    /// <summary>When <see cref="Release"/> is to be called; null: nothing waits for a time.</summary>
    public long? NextDue => _held.TryPeek(out _, out var first) && first.Due != FaultWire.Never ? first.Due : null;

    /// <summary>Other faults from now on. What waits in one that is gone goes on at once, in its order.</summary>
    public void Replace(FaultTables tables, long now)
    {
        _tables = tables;
        _ways.Clear();
        var current = tables.Faults.Select(active => active.Fault).ToHashSet<Fault>(ReferenceEqualityComparer.Instance);
        foreach (var gone in _wires.Keys.Where(fault => !current.Contains(fault)).ToArray()) _wires.Remove(gone);
        var released = new List<(HeldPacket Packet, (long, long) Key)>();
        var kept = new List<(HeldPacket, (long, long))>();
        foreach (var (packet, key) in _held.UnorderedItems) (current.Contains(packet.Way[packet.Stage].Fault) ? kept : released).Add((packet, key));
        if (released.Count == 0) return;
        _held.Clear();
        _held.EnqueueRange(kept);
        foreach (var (packet, _) in released.OrderBy(held => held.Key))
        {
            packet.Stage++;
            packet.MayDuplicate = true;
            Run(packet, now, null);
        }
    }

    /// <summary>Takes a packet of this node, if faults befall it: it comes out of the sink, now or later, or never.</summary>
    /// <param name="verdict">Its fate.</param>
    /// <param name="sent">The packet as it was sent.</param>
    /// <param name="notes">Gets what happened to it so far, when given.</param>
    /// <returns>False: it goes on as if nothing were.</returns>
    public bool TryTake(in Verdict verdict, Packet sent, long now, List<string>? notes = null)
    {
        var way = Way(sent.Source, verdict.Packet.Destination, sent.Destination);
        if (way.Length == 0) return false;
        Run(new HeldPacket(way, verdict, sent), now, notes);
        return true;
    }

    /// <summary>Lets go what is due.</summary>
    public void Release(long now)
    {
        while (_held.TryPeek(out var packet, out var key) && key.Due <= now)
        {
            _held.Dequeue();
            packet.Wire!.Leave(packet.Verdict.Packet);
            packet.Stage++;
            packet.MayDuplicate = true;
            Run(packet, Math.Max(key.Due, 0), null);
        }
    }

    /// <summary>For a trace: tells what may happen to a packet, and to what comes back.</summary>
    /// <returns>Its fate: a drop, where that is certain.</returns>
    public Verdict Explain(in Verdict verdict, Packet sent, List<TraceStep> steps)
    {
        var result = verdict;
        foreach (var active in Way(sent.Source, verdict.Packet.Destination, sent.Destination))
        {
            steps.Add(new("fault", active.Fault.ToString()));
            if (active.Fault.Effects is { Partition: true } or { Loss.Percent: >= 100 }) result = new(Fate.Drop, Reason.Fault, verdict.Packet);
        }
        if (result.Fate == Fate.Drop) return result;
        foreach (var active in Way(verdict.Packet.Destination, sent.Source, sent.Source)) steps.Add(new("fault", $"on the way back, {active.Fault}"));
        return result;
    }

    private ActiveFault[] Way(IpAddress sender, IpAddress receiver, IpAddress addressed)
    {
        if (sender == receiver) return [];
        if (_ways.TryGetValue((sender, receiver, addressed), out var way)) return way;
        if (_ways.Count >= MostWays) _ways.Clear();
        return _ways[(sender, receiver, addressed)] = [.. _tables.Faults.Where(active => active.Befalls(sender, receiver, addressed))];
    }

    private void Run(HeldPacket packet, long now, List<string>? notes)
    {
        for (; packet.Stage < packet.Way.Length; packet.Stage++, packet.MayDuplicate = true)
        {
            var fault = packet.Way[packet.Stage].Fault;
            if (WireOf(fault, packet.Sent.Source, now) is not { } wire) continue;
            if (wire.Cuts && Segments.IsLarge(packet.Verdict.Packet))
            {
                foreach (var piece in Segments.Cut((TcpPacket)packet.Verdict.Packet)) Run(packet.With(piece), now, notes);
                return;
            }
            var outcome = wire.Enter(packet.Verdict.Packet, now, packet.MayDuplicate);
            if (outcome.Loss is { } loss)
            {
                var why = $"lost by {fault.Name} ({loss})";
                notes?.Add(why);
                sink.Lose(packet.Sent, packet.Verdict, why);
                return;
            }
            // The second one comes into the wire as it came to this one, behind it.
            var second = outcome.IsDuplicated ? packet.With(packet.Verdict.Packet) : null;
            if (outcome.IsDamaged) packet.Verdict = packet.Verdict with { Packet = packet.Verdict.Packet with { IsDamaged = true } };
            Note(notes, fault, outcome, now);
            var waits = outcome.Due > now;
            if (waits)
            {
                packet.Wire = wire;
                wire.Wait(packet.Verdict.Packet);
                _held.Enqueue(packet, (outcome.Due, _order++));
            }
            if (second is not null)
            {
                if (!waits) RunOn(packet, now, notes);
                second.MayDuplicate = false;
                Run(second, now, null);
                return;
            }
            if (waits) return;
        }
        sink.Carry(packet.Sent, packet.Verdict);
    }

    /// <summary>Through the wires behind the one that it is in.</summary>
    private void RunOn(HeldPacket packet, long now, List<string>? notes)
    {
        packet.Stage++;
        packet.MayDuplicate = true;
        Run(packet, now, notes);
    }

    /// <returns>Null: the fault is gone.</returns>
    private FaultWire? WireOf(Fault fault, IpAddress sender, long now)
    {
        if (!_wires.TryGetValue(fault, out var wires))
        {
            if (!_tables.Faults.Any(active => ReferenceEquals(active.Fault, fault))) return null;
            _wires.Add(fault, wires = []);
        }
        if (!wires.TryGetValue(sender, out var wire)) wires.Add(sender, wire = new(fault.Effects, random.Child($"{fault.Name}/{sender}"), now));
        return wire;
    }

    private static void Note(List<string>? notes, Fault fault, in WireOutcome outcome, long now)
    {
        if (notes is null) return;
        if (outcome.Due == FaultWire.Never) notes.Add($"held by {fault.Name}");
        else if (outcome.Due > now) notes.Add($"delayed {FaultTexts.Time(TimeSpan.FromTicks(outcome.Due - now))} by {fault.Name}");
        if (outcome.IsDamaged) notes.Add($"damaged by {fault.Name}");
        if (outcome.IsDuplicated) notes.Add($"duplicated by {fault.Name}");
    }

    /// <summary>A packet on its way through the wires of faults.</summary>
    private sealed class HeldPacket(ActiveFault[] way, in Verdict verdict, Packet sent)
    {
        public ActiveFault[] Way { get; } = way;

        /// <summary>As it was sent, before any translation.</summary>
        public Packet Sent { get; } = sent;

        public Verdict Verdict { get; set; } = verdict;

        /// <summary>Which of the wires it is in, or comes to next.</summary>
        public int Stage { get; set; }

        public bool MayDuplicate { get; set; } = true;
        public FaultWire? Wire { get; set; }

        public HeldPacket With(Packet packet) => new(Way, Verdict with { Packet = packet }, Sent) { Stage = Stage, MayDuplicate = MayDuplicate };
    }
}
