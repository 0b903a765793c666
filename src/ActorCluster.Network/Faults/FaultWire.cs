using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Faults;

/// <summary>What a wire does with one packet.</summary>
/// <param name="Loss">Why it is lost; null: it isn't.</param>
/// <param name="Due">When it goes on, in ticks; <see cref="FaultWire.Never"/>: when the fault is gone.</param>
/// <param name="IsDuplicated">A second one, which won't be duplicated again, comes into the wire behind it.</param>
internal readonly record struct WireOutcome(string? Loss, long Due, bool IsDamaged = false, bool IsDuplicated = false);

/// <summary>One sender's wire under one fault: what netem and the token bucket remember from packet to packet. Pure but for its chance; times are ticks of 100 ns.</summary>
internal sealed class FaultWire
{
    public const long Never = long.MaxValue;

    /// <summary>Packets that may wait in a wire; more are lost (netem's limit, where nobody says another).</summary>
    private const int MostWaiting = 1000;

    private readonly FaultEffects _effects;
    private readonly RandomSource _random;
    private readonly CorrelatedChance _loss;
    private readonly CorrelatedChance _duplicate;
    private readonly CorrelatedChance _corrupt;
    private readonly CorrelatedChance _delay;
    private readonly CorrelatedChance _reorder;
    private readonly TokenBucket? _bucket;
    private readonly TokenBucket? _peak;
    private long _lastInLine = long.MinValue;
    private int _sinceReorder;
    private int _waiting;
    private long _backlog;

    public FaultWire(FaultEffects effects, RandomSource random, long now)
    {
        (_effects, _random) = (effects, random);
        _loss = new(random, effects.Loss?.Correlation ?? 0);
        _duplicate = new(random, effects.Duplicate?.Correlation ?? 0);
        _corrupt = new(random, effects.Corrupt?.Correlation ?? 0);
        _delay = new(random, effects.Delay?.Correlation ?? 0);
        _reorder = new(random, effects.Delay?.Reorder?.Chance.Correlation ?? 0);
        if (effects.Bandwidth is not { } bandwidth) return;
        _bucket = new(bandwidth.BytesPerSecond, bandwidth.Buffer, now);
        if (bandwidth.PeakRate is { } peak and > 0) _peak = new(peak, bandwidth.MinBurst is { } burst and > 0 ? burst : Segments.WireMtu, now);
    }

    /// <summary>Whether large segments are cut before they come in.</summary>
    public bool Cuts => _bucket is not null;

    /// <summary>A packet comes in.</summary>
    /// <param name="mayDuplicate">False for what is a duplicate itself.</param>
    public WireOutcome Enter(Packet packet, long now, bool mayDuplicate = true)
    {
        if (_effects.Partition) return new("partition", 0);
        var isDuplicated = mayDuplicate && _effects.Duplicate is { } duplicate && _duplicate.Happens(duplicate.Percent);
        if (_effects.Loss is { } loss && _loss.Happens(loss.Percent))
        {
            if (!isDuplicated) return new("loss", 0);
            isDuplicated = false;
        }
        var isDamaged = _effects.Corrupt is { } corrupt && _corrupt.Happens(corrupt.Percent);
        if (_waiting >= MostWaiting) return new("full queue", 0);
        if (_effects.Hold) return new(null, Never, isDamaged, isDuplicated);
        var due = DueInLine(packet.Length, now);
        if (_effects.Bandwidth is { } bandwidth)
        {
            if (Math.Min(packet.Length, Segments.WireMtu) > bandwidth.Buffer) return new("packet larger than the bandwidth's buffer", 0);
            var free = Math.Max(_bucket!.Earliest(packet.Length, due), _peak?.Earliest(packet.Length, due) ?? due);
            if (free > due && _backlog + packet.Length > bandwidth.Limit) return new("bandwidth", 0);
            due = free;
            _bucket.Take(packet.Length, due);
            _peak?.Take(packet.Length, due);
        }
        return new(null, due, isDamaged, isDuplicated);
    }

    /// <summary>A packet that came in waits.</summary>
    public void Wait(Packet packet)
    {
        _waiting++;
        _backlog += packet.Length;
    }

    /// <summary>It no longer does.</summary>
    public void Leave(Packet packet)
    {
        _waiting--;
        _backlog -= packet.Length;
    }

    /// <summary>netem's delay, reordering and rate (netem_enqueue).</summary>
    private long DueInLine(int bytes, long now)
    {
        if (_effects.Delay is { Reorder: { } reorder })
        {
            if (_sinceReorder >= Math.Max(reorder.Gap, 1) - 1 && _reorder.Happens(reorder.Chance.Percent))
            {
                _sinceReorder = 0;
                return now;
            }
            _sinceReorder++;
        }
        var delay = Delay();
        if (_effects.Rate is not { } rate) return now + Math.Max(delay, 0);
        var from = now;
        if (_lastInLine > now)
        {
            // The one before is where the line begins, and the delay runs meanwhile.
            delay = Math.Max(0, delay - (_lastInLine - now));
            from = _lastInLine;
        }
        return _lastInLine = from + Math.Max(delay, 0) + (long)Math.Ceiling((double)bytes * TimeSpan.TicksPerSecond / rate);
    }

    private long Delay()
    {
        if (_effects.Delay is not { } delay) return 0;
        if (delay.Jitter <= TimeSpan.Zero) return delay.Latency.Ticks;
        // tabledist without a table: evenly spread.
        var share = delay.Correlation == 0 ? _random.NextDouble() : _delay.Next() / (double)(1UL << 32);
        return delay.Latency.Ticks - delay.Jitter.Ticks + (long)(share * 2 * delay.Jitter.Ticks);
    }
}
