using System.Runtime.InteropServices;

namespace ActorCluster.Network.Tcp;

/// <summary>The bytes from SND.UNA on that are written and not yet acknowledged, as the pieces they were written in; nothing is copied.</summary>
internal sealed class SendQueue
{
    private ReadOnlyMemory<byte>[] _pieces = [];
    private int _first;
    private int _count;

    // Where the last Slice ended, because the next one usually starts there.
    private int _cursorPiece;
    private int _cursorOffset;

    public int Length { get; private set; }

    public void Append(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty) return;
        Length += data.Length;
        if (_count > 0)
        {
            // What a writer flushes in small steps lies in one array; joined, it makes full segments again.
            ref var last = ref _pieces[(_first + _count - 1) % _pieces.Length];
            if (MemoryMarshal.TryGetArray(last, out var before) && MemoryMarshal.TryGetArray(data, out var after)
                && before.Array == after.Array && before.Offset + before.Count == after.Offset)
            {
                last = new ReadOnlyMemory<byte>(before.Array, before.Offset, before.Count + after.Count);
                return;
            }
        }
        if (_count == _pieces.Length) Grow();
        _pieces[(_first + _count++) % _pieces.Length] = data;
    }

    /// <summary>Up to <paramref name="maximum"/> bytes from <paramref name="offset"/> on, as far as they lie in one piece.</summary>
    public ReadOnlyMemory<byte> Slice(int offset, int maximum)
    {
        if (offset < _cursorOffset) (_cursorPiece, _cursorOffset) = (0, 0);
        while (true)
        {
            var piece = _pieces[(_first + _cursorPiece) % _pieces.Length];
            if (offset < _cursorOffset + piece.Length)
            {
                var start = offset - _cursorOffset;
                return piece.Slice(start, Math.Min(maximum, piece.Length - start));
            }
            _cursorOffset += piece.Length;
            _cursorPiece++;
        }
    }

    /// <summary>Drops the first bytes: they are acknowledged.</summary>
    public void Release(int count)
    {
        Length -= count;
        var left = count;
        while (left > 0)
        {
            ref var piece = ref _pieces[_first];
            if (piece.Length > left)
            {
                piece = piece[left..];
                break;
            }
            left -= piece.Length;
            piece = default;
            _first = (_first + 1) % _pieces.Length;
            _count--;
            _cursorPiece--;
        }
        _cursorOffset -= count;
        if (_cursorPiece <= 0 || _cursorOffset < 0) (_cursorPiece, _cursorOffset) = (0, 0);
    }

    private void Grow()
    {
        var pieces = new ReadOnlyMemory<byte>[Math.Max(4, _pieces.Length * 2)];
        for (var i = 0; i < _count; i++) pieces[i] = _pieces[(_first + i) % _pieces.Length];
        (_pieces, _first) = (pieces, 0);
    }
}
