namespace ActorCluster.Network.Tcp;

/// <summary>Segments that came before their turn, in order of sequence, without overlap. Never holds more than the receive window.</summary>
internal sealed class ReassemblyQueue
{
    private readonly List<(uint Sequence, ReadOnlyMemory<byte> Data)> _pieces = [];

    public bool IsEmpty => _pieces.Count == 0;

    /// <summary>Keeps what is new of a segment.</summary>
    public void Add(uint sequence, ReadOnlyMemory<byte> data)
    {
        var at = 0;
        while (at < _pieces.Count && !data.IsEmpty)
        {
            var (start, piece) = _pieces[at];
            var end = start + (uint)piece.Length;
            if (end.IsAtOrBefore(sequence))
            {
                at++;
                continue;
            }
            if (sequence.IsBefore(start))
            {
                // The part in front of this piece, if it is a gap; then go on behind the piece.
                var gap = (int)(start - sequence);
                if (data.Length <= gap)
                {
                    _pieces.Insert(at, (sequence, data));
                    return;
                }
                _pieces.Insert(at++, (sequence, data[..gap]));
                data = data[gap..];
                sequence = start;
            }
            var covered = (int)(end - sequence);
            data = covered >= data.Length ? default : data[covered..];
            sequence = end;
            at++;
        }
        if (!data.IsEmpty) _pieces.Insert(at, (sequence, data));
    }

    /// <summary>Takes the piece that starts at or before <paramref name="next"/>, without what lies before it.</summary>
    public bool TryTake(uint next, out ReadOnlyMemory<byte> data)
    {
        while (_pieces.Count > 0 && _pieces[0].Sequence.IsAtOrBefore(next))
        {
            var (start, piece) = _pieces[0];
            _pieces.RemoveAt(0);
            var known = (int)(next - start);
            if (known >= piece.Length) continue;
            data = piece[known..];
            return true;
        }
        data = default;
        return false;
    }
}
