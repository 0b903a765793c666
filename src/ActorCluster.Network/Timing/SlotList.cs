namespace ActorCluster.Network.Timing;

/// <summary>Values in the order in which they were put in, each at a place that stays its own until it is taken out.</summary>
/// <remarks>
/// One array. With a value of plain fields there is nothing in it that the garbage collector has to follow: what is left of tens of thousands of
/// short connections costs it nothing, where an object for each made every collection longer.
/// </remarks>
internal sealed class SlotList<T> where T : struct
{
    private const int None = -1;

    private (T Value, int Earlier, int Later)[] _slots = [];
    private int _used;
    private int _free = None;
    private int _last = None;

    public int Count { get; private set; }

    /// <summary>The place of the value that was put in first; -1: there is none.</summary>
    public int First { get; private set; } = None;

    public ref T this[int place] => ref _slots[place].Value;

    /// <returns>Its place.</returns>
    public int Add(in T value)
    {
        var place = _free;
        if (place != None) _free = _slots[place].Later;
        else if ((place = _used++) == _slots.Length) Array.Resize(ref _slots, Math.Max(4, _slots.Length * 2));
        _slots[place].Value = value;
        Append(place);
        Count++;
        return place;
    }

    public void Remove(int place)
    {
        Unlink(place);
        if (--Count == 0)
        {
            // Nothing is left: nor is the room for the most that there ever were.
            (_slots, _used, _free) = ([], 0, None);
            return;
        }
        _slots[place] = (default, None, _free);
        _free = place;
    }

    /// <summary>As if it had been put in now.</summary>
    public void MoveToEnd(int place)
    {
        if (place == _last) return;
        Unlink(place);
        Append(place);
    }

    /// <returns>The place of what was put in next; -1: nothing was.</returns>
    public int After(int place) => _slots[place].Later;

    private void Append(int place)
    {
        (_slots[place].Earlier, _slots[place].Later) = (_last, None);
        if (_last == None) First = place;
        else _slots[_last].Later = place;
        _last = place;
    }

    private void Unlink(int place)
    {
        var (earlier, later) = (_slots[place].Earlier, _slots[place].Later);
        if (earlier == None) First = later;
        else _slots[earlier].Later = later;
        if (later == None) _last = earlier;
        else _slots[later].Earlier = earlier;
    }
}
