using System.Diagnostics.CodeAnalysis;

namespace ActorCluster.Network.Timing;

/// <summary>What waits in a <see cref="DueQueue{T}"/>; in one at a time.</summary>
internal interface IDueItem
{
    /// <summary>The queue's own: where in it the item is; <see cref="DueQueue.NotQueued"/> if it is in none.</summary>
    int QueueIndex { get; set; }
}

internal static class DueQueue
{
    public const int NotQueued = -1;
}

/// <summary>Items in the order of their times: a binary heap in which each item knows its place, so that one can be moved or taken out.</summary>
/// <remarks>.NET's PriorityQueue keeps what is over until its turn comes: with thousands of short flows a second that is millions of dead objects.</remarks>
internal sealed class DueQueue<T> where T : class, IDueItem
{
    private (T Item, long Due)[] _heap = [];

    public int Count { get; private set; }

    /// <summary>Puts an item in, or moves it.</summary>
    public void Set(T item, long due)
    {
        var index = item.QueueIndex;
        if (index == DueQueue.NotQueued)
        {
            if (Count == _heap.Length) Array.Resize(ref _heap, Math.Max(4, _heap.Length * 2));
            index = Count++;
        }
        Place(index, item, due);
    }

    /// <returns>False: it wasn't in.</returns>
    public bool Remove(T item)
    {
        var index = item.QueueIndex;
        if (index == DueQueue.NotQueued) return false;
        item.QueueIndex = DueQueue.NotQueued;
        var (last, due) = _heap[--Count];
        _heap[Count] = default;
        if (index < Count) Place(index, last, due);
        return true;
    }

    /// <summary>The item that is due first.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out T item, out long due)
    {
        (item, due) = Count > 0 ? _heap[0] : default;
        return Count > 0;
    }

    /// <summary>Lets an item rise or sink from a free place to where it belongs.</summary>
    private void Place(int index, T item, long due)
    {
        while (index > 0 && _heap[(index - 1) / 2].Due > due) index = Move((index - 1) / 2, index);
        while (true)
        {
            var child = 2 * index + 1;
            if (child >= Count) break;
            if (child + 1 < Count && _heap[child + 1].Due < _heap[child].Due) child++;
            if (_heap[child].Due >= due) break;
            index = Move(child, index);
        }
        _heap[index] = (item, due);
        item.QueueIndex = index;
    }

    private int Move(int from, int to)
    {
        _heap[to] = _heap[from];
        _heap[to].Item.QueueIndex = to;
        return from;
    }
}
