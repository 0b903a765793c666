using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.History;

/// <summary>
/// The kept changes of one resource, or of a part of it (<see cref="FeedScope"/>): an append-only sequence that loses its oldest end.
/// All its watches read the same arrays; only changes of this very feed wake them.
/// </summary>
internal sealed class ChangeFeed
{
    private const int SmallestChunk = 8;
    private const int LargestChunk = 256;

    private readonly Lock _lock = new();
    private readonly List<Chunk> _chunks = [];
    private readonly LinkedList<FeedPlace> _waiting = [];
    private long _start;
    private long _end;
    private long _lastDropped;

    /// <summary>How many watches read it; kept by <see cref="WatchHistory"/>.</summary>
    public int Watches { get; set; }

    /// <summary>The sequence number of the first kept change after a revision.</summary>
    public long IndexAfter(long revision)
    {
        lock (_lock)
        {
            foreach (var chunk in _chunks)
            {
                if (chunk.Items[chunk.Count - 1].Revision <= revision) continue;
                var at = 0;
                while (chunk.Items[at].Revision <= revision) at++;
                return chunk.Start + at;
            }

            return _end;
        }
    }

    public bool IsEnd(long index)
    {
        lock (_lock) return index == _end;
    }

    /// <summary>The changes from an index on, as far as they lie together; none if there are none yet.</summary>
    /// <exception cref="RevisionCompactedException">The changes at that index are gone.</exception>
    public ArraySegment<StoreChange> Read(long index)
    {
        lock (_lock)
        {
            if (index < _start) throw new RevisionCompactedException(_lastDropped, _lastDropped + 1);
            if (index == _end) return [];
            var chunk = ChunkAt(index);
            var offset = (int)(index - chunk.Start);
            return new ArraySegment<StoreChange>(chunk.Items, offset, chunk.Count - offset);
        }
    }

    /// <summary>A reader takes its place among those who wait, which is reached when there is something to read at an index.</summary>
    /// <returns>False: there is something now.</returns>
    public bool Wait(long index, FeedPlace place)
    {
        lock (_lock)
        {
            if (index != _end) return false;
            place.Begin();
            _waiting.AddLast(place.Node);
            return true;
        }
    }

    /// <summary>Who waited does so no longer.</summary>
    public void Leave(FeedPlace place)
    {
        lock (_lock)
        {
            if (place.Node.List is not null) _waiting.Remove(place.Node);
        }
    }

    public void Append(StoreChange change)
    {
        lock (_lock)
        {
            if (_chunks.Count == 0 || _chunks[^1].Count == _chunks[^1].Items.Length)
            {
                var size = _chunks.Count == 0 ? SmallestChunk : Math.Min(LargestChunk, _chunks[^1].Items.Length * 2);
                _chunks.Add(new Chunk(_end, new StoreChange[size]));
            }

            // Readers hold segments of this array, but of its filled part only.
            var chunk = _chunks[^1];
            chunk.Items[chunk.Count++] = change;
            _end++;
        }
    }

    /// <summary>Wakes those who wait, once for all that was appended.</summary>
    public void Pulse()
    {
        int left;
        lock (_lock) left = _waiting.Count;
        for (; left > 0; left--)
        {
            FeedPlace? first;
            lock (_lock)
            {
                first = _waiting.First?.Value;
                if (first is null) return;
                _waiting.Remove(first.Node);
            }

            first.Complete();
        }
    }

    /// <summary>Drops whole chunks up to a revision.</summary>
    public void DropUpTo(long revision)
    {
        lock (_lock)
        {
            var drop = 0;
            while (drop < _chunks.Count && _chunks[drop] is var chunk && chunk.Items[chunk.Count - 1].Revision <= revision)
            {
                _start = chunk.Start + chunk.Count;
                _lastDropped = chunk.Items[chunk.Count - 1].Revision;
                drop++;
            }

            _chunks.RemoveRange(0, drop);
        }
    }

    /// <summary>All that is kept, oldest first.</summary>
    public List<StoreChange> ToList()
    {
        lock (_lock)
        {
            var all = new List<StoreChange>();
            foreach (var chunk in _chunks) all.AddRange(chunk.Items.AsSpan(0, chunk.Count));
            return all;
        }
    }

    private Chunk ChunkAt(long index)
    {
        int low = 0, high = _chunks.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_chunks[middle].Start <= index) low = middle;
            else high = middle - 1;
        }

        return _chunks[low];
    }

    private sealed class Chunk(long start, StoreChange[] items)
    {
        public long Start { get; } = start;
        public StoreChange[] Items { get; } = items;
        public int Count { get; set; }
    }
}
