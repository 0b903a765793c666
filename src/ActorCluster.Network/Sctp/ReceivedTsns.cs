using System.Collections.Immutable;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Sctp;

/// <summary>Which TSNs have arrived: all up to one of them, and runs beyond.</summary>
internal sealed class ReceivedTsns(uint initialTsn)
{
    /// <summary>The farthest that a SACK can say (its distances have 16 bits).</summary>
    private const uint Farthest = ushort.MaxValue;

    private readonly List<(uint First, uint Last)> _runs = [];

    /// <summary>Everything up to it has arrived.</summary>
    public uint Cumulative { get; private set; } = initialTsn - 1;

    public uint Highest => _runs.Count == 0 ? Cumulative : _runs[^1].Last;

    public bool HasGaps => _runs.Count > 0;

    public bool IsTooFar(uint tsn) => tsn.IsAfter(Cumulative) && tsn - Cumulative > Farthest;

    public bool Contains(uint tsn)
    {
        if (tsn.IsAtOrBefore(Cumulative)) return true;
        foreach (var (first, last) in _runs)
            if (first.IsAtOrBefore(tsn) && tsn.IsAtOrBefore(last)) return true;
        return false;
    }

    /// <returns>False: it was there already.</returns>
    public bool Add(uint tsn)
    {
        if (tsn.IsAtOrBefore(Cumulative)) return false;
        var at = _runs.Count; // mostly it is the highest
        while (at > 0 && tsn.IsBefore(_runs[at - 1].First)) at--;
        if (at > 0 && tsn.IsAtOrBefore(_runs[at - 1].Last)) return false;
        var joinsBefore = at > 0 && _runs[at - 1].Last + 1 == tsn;
        var joinsAfter = at < _runs.Count && tsn + 1 == _runs[at].First;
        if (joinsBefore) _runs[at - 1] = (_runs[at - 1].First, joinsAfter ? _runs[at].Last : tsn);
        else if (joinsAfter) _runs[at] = (tsn, _runs[at].Last);
        else _runs.Insert(at, (tsn, tsn));
        if (joinsBefore && joinsAfter) _runs.RemoveAt(at);
        if (_runs[0].First == Cumulative + 1)
        {
            Cumulative = _runs[0].Last;
            _runs.RemoveAt(0);
        }
        return true;
    }

    /// <param name="most">As many as the packet has room for.</param>
    public ImmutableArray<SctpGap> Gaps(int most)
    {
        if (_runs.Count == 0) return [];
        var gaps = ImmutableArray.CreateBuilder<SctpGap>(Math.Min(most, _runs.Count));
        for (var i = 0; i < _runs.Count && i < most; i++) gaps.Add(new((ushort)(_runs[i].First - Cumulative), (ushort)(_runs[i].Last - Cumulative)));
        return gaps.MoveToImmutable();
    }
}
