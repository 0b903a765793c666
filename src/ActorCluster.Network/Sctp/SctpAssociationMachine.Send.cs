using System.Collections.Immutable;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Sctp;

// The sending side: fragments, windows, acknowledgments and the retransmission timer (RFC 9260, 6 and 7).
internal sealed partial class SctpAssociationMachine
{
    /// <summary>SACKs that miss a chunk before it is sent again (7.2.4).</summary>
    private const int MissesOfALoss = 3;

    /// <summary>Sent, and not cumulatively acknowledged; by TSN.</summary>
    private readonly List<OutgoingChunk> _outstanding = [];

    private readonly Queue<OutgoingChunk> _unsent = [];
    private ushort[] _nextSequences = [];
    private uint _nextTsn;

    /// <summary>The peer's cumulative TSN.</summary>
    private uint _acknowledged;
    private uint _peerWindow;

    /// <summary>Costs of what was sent and is neither acknowledged nor lost.</summary>
    private int _flight;
    private int _queued;

    private SctpCongestion _congestion;
    private RetransmissionTimeout _timeout = RetransmissionTimeout.ForSctp;
    private long _retransmitAt = Never;
    private int _failures;

    // The one chunk whose round trip is being timed; void when it is sent again.
    private bool _isTiming;
    private uint _timedTsn;
    private long _timedSince;

    /// <summary>The most that one fragment may carry: no more than the path takes, nor so much that it could never fit the peer's buffer beside others.</summary>
    private int LargestFragment => Math.Min(_room, Math.Max((int)Math.Min(_peerWindowAtFirst, int.MaxValue) / 4 & ~3, 512)) - SctpData.HeaderLength;

    /// <summary>Could this message ever be sent? It must fit both buffers, because it is handed out whole.</summary>
    public bool IsSendable(int length) => CostOf(length) <= Math.Min(_settings.SendBuffer, _peerWindowAtFirst);

    /// <summary>Is there room for it now?</summary>
    public bool HasSpaceFor(int length) => _queued + CostOf(length) <= _settings.SendBuffer;

    /// <summary>Queues a message, for <see cref="Push"/> to send. The memory must never change again.</summary>
    public void Send(SctpMessage message)
    {
        if (!CanSend) throw new InvalidOperationException("The association doesn't take messages now.");
        var sequence = message.IsUnordered ? (ushort)0 : _nextSequences[message.Stream]++;
        var (payload, flags) = (message.Payload, SctpDataFlags.Beginning | (message.IsUnordered ? SctpDataFlags.Unordered : 0));
        do
        {
            var fragment = payload[..Math.Min(payload.Length, LargestFragment)];
            payload = payload[fragment.Length..];
            var chunk = new OutgoingChunk(new(flags | (payload.IsEmpty ? SctpDataFlags.Ending : 0), _nextTsn++, message.Stream, sequence, message.PayloadProtocol, fragment));
            flags &= ~SctpDataFlags.Beginning;
            _unsent.Enqueue(chunk);
            _queued += chunk.Cost;
        }
        while (!payload.IsEmpty);
    }

    /// <summary>Sends what is queued, as far as the windows allow.</summary>
    public void Push(long now) => Transmit(now);

    private int CostOf(int length) => length + (length + LargestFragment - 1) / LargestFragment * SctpData.HeaderLength;

    private void Transmit(long now)
    {
        if (!MovesData) return;
        while (_flight < _congestion.Window && SendPacket(now, onlyLost: false))
        {
        }
        if (_retransmitAt == Never && (_flight > 0 || _unsent.Count > 0)) ArmRetransmit(now);
        GoOnShuttingDown(now);
    }

    /// <summary>One packet, as full as can be: first what was lost, then what is new if the peer has room (6.1, rules A and C), and an acknowledgment if one is due.</summary>
    private bool SendPacket(long now, bool onlyLost)
    {
        var chunks = ImmutableArray.CreateBuilder<SctpChunk>(1);
        var room = _room;
        var waits = false;
        foreach (var chunk in _outstanding)
        {
            if (!chunk.IsLost) continue;
            waits = !Fits(chunk);
            if (waits) break;
            chunk.IsLost = false;
            chunk.Misses = 0;
            if (_isTiming && _timedTsn == chunk.Data.Tsn) _isTiming = false;
            Put(chunk);
        }
        while (!onlyLost && !waits && _unsent.TryPeek(out var next) && Fits(next) && (_flight == 0 || _flight + next.Cost <= _peerWindow))
        {
            if (chunks.Count > 0 && _flight >= _congestion.Window) break;
            _outstanding.Add(_unsent.Dequeue());
            if (!_isTiming) (_isTiming, _timedTsn, _timedSince) = (true, next.Data.Tsn, now);
            Put(next);
        }
        if (chunks.Count == 0) return false;
        if (IsAcknowledgmentDue && TryMakeSack(room) is { } sack) chunks.Insert(0, sack);
        _isIdle = false;
        Emit(chunks.DrainToImmutable());
        return true;

        bool Fits(OutgoingChunk chunk) => SctpChunkCodec.PaddedLength(chunk.Data) <= room;

        void Put(OutgoingChunk chunk)
        {
            chunks.Add(chunk.Data);
            room -= SctpChunkCodec.PaddedLength(chunk.Data);
            _flight += chunk.Cost;
        }
    }

    /// <summary>6.2.1.</summary>
    private void OnSack(SctpSack sack, long now)
    {
        if (!MovesData || sack.CumulativeTsn.IsBefore(_acknowledged)) return;
        if (sack.CumulativeTsn.IsAfter(LastSent)) return; // nothing that we have sent
        _failures = 0; // also of a peer that has no room: it is there (6.1, A)
        _peerWindow = sack.Window;
        Acknowledge(sack.CumulativeTsn, sack.Gaps, now);
    }

    /// <param name="gaps">Default: the peer didn't say.</param>
    private void Acknowledge(uint cumulative, ImmutableArray<SctpGap> gaps, long now)
    {
        var flight = _flight;
        var (acknowledged, highest, movedOn) = (0, cumulative, cumulative.IsAfter(_acknowledged));
        var count = 0;
        for (; count < _outstanding.Count && _outstanding[count].Data.Tsn.IsAtOrBefore(cumulative); count++)
        {
            var chunk = _outstanding[count];
            _queued -= chunk.Cost;
            if (chunk.IsGapAcknowledged) continue;
            acknowledged += chunk.Cost;
            Land(chunk, now);
        }
        _outstanding.RemoveRange(0, count);
        _acknowledged = cumulative;
        if (!gaps.IsDefault) TakeGaps(gaps, ref acknowledged, ref highest, now);
        var isLossy = !gaps.IsDefaultOrEmpty && CountMisses(gaps, highest, movedOn);
        if (movedOn)
        {
            _timeout.Recovered();
            _congestion.OnAcknowledged(acknowledged, cumulative, flight, _outstanding.Count == 0);
            _retransmitAt = Never; // armed again by Transmit, if anything is left (6.3.2, R2 and R3)
        }
        if (!isLossy) return;
        _congestion.OnLoss(LastSent);
        if (_outstanding[0].IsLost) _retransmitAt = Never;
        SendPacket(now, onlyLost: true); // one packet whatever the window (7.2.4)
    }

    private uint LastSent => _outstanding.Count > 0 ? _outstanding[^1].Data.Tsn : _acknowledged;

    private void TakeGaps(ImmutableArray<SctpGap> gaps, ref int acknowledged, ref uint highest, long now)
    {
        foreach (var chunk in _outstanding)
        {
            var isThere = IsIn(gaps, chunk.Data.Tsn - _acknowledged);
            if (isThere && !chunk.IsGapAcknowledged)
            {
                acknowledged += chunk.Cost;
                highest = chunk.Data.Tsn;
                Land(chunk, now);
                chunk.IsLost = false;
            }
            else if (!isThere && chunk.IsGapAcknowledged)
            {
                _flight += chunk.Cost; // the peer took it back, or this SACK is older than the last
            }
            chunk.IsGapAcknowledged = isThere;
        }
    }

    /// <returns>True: chunks are lost that weren't known to be.</returns>
    private bool CountMisses(ImmutableArray<SctpGap> gaps, uint highest, bool movedOn)
    {
        var last = _acknowledged + gaps[^1].End;
        var below = _congestion.InRecovery && movedOn ? last : highest;
        var isLossy = false;
        foreach (var chunk in _outstanding)
        {
            if (!chunk.Data.Tsn.IsBefore(below)) break;
            if (chunk.IsGapAcknowledged || chunk.IsLost || chunk.WasFastRetransmitted || ++chunk.Misses < MissesOfALoss) continue;
            (chunk.IsLost, chunk.WasFastRetransmitted, isLossy) = (true, true, true);
            _flight -= chunk.Cost;
        }
        return isLossy;
    }

    /// <summary>A chunk has arrived that wasn't known to have.</summary>
    private void Land(OutgoingChunk chunk, long now)
    {
        if (!chunk.IsLost) _flight -= chunk.Cost;
        if (!_isTiming || _timedTsn != chunk.Data.Tsn) return;
        _isTiming = false;
        _timeout.Measure(now - _timedSince);
    }

    /// <summary>T3-rtx ran out (6.3.3): all that is in flight counts as lost and goes again, slowly.</summary>
    private void RetransmitAll(long now)
    {
        foreach (var chunk in _outstanding)
        {
            if (chunk.IsGapAcknowledged || chunk.IsLost) continue;
            chunk.IsLost = true;
            _flight -= chunk.Cost;
        }
        _congestion.OnTimeout();
        Transmit(now);
    }

    private static bool IsIn(ImmutableArray<SctpGap> gaps, uint distance)
    {
        foreach (var gap in gaps)
            if (gap.Start <= distance && distance <= gap.End) return true;
        return false;
    }
}
