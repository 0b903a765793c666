namespace ActorCluster.Controllers.Reconciling;

/// <summary>Keys that wait for their time. A key waits for the earliest time it was given.</summary>
/// <remarks>Owned by one actor; not safe for concurrent use.</remarks>
internal sealed class DelayQueue
{
    private readonly PriorityQueue<string, (DateTimeOffset Due, long Order)> _queue = new();
    private readonly Dictionary<string, DateTimeOffset> _due = [];
    private long _order;

    public int Count => _due.Count;

    public void Add(string key, DateTimeOffset due)
    {
        if (_due.TryGetValue(key, out var earlier) && earlier <= due) return;
        _due[key] = due;
        _queue.Enqueue(key, (due, _order++));
    }

    /// <summary>When the next key is due; null when none waits.</summary>
    public DateTimeOffset? NextDue()
    {
        while (_queue.TryPeek(out var key, out var priority))
        {
            if (_due.TryGetValue(key, out var due) && due == priority.Due) return due;
            _queue.Dequeue();       // superseded by an earlier time, which has already been taken
        }

        return null;
    }

    /// <summary>Takes the keys that are due at <paramref name="now"/>, the earliest first.</summary>
    public IReadOnlyList<string> TakeDue(DateTimeOffset now)
    {
        List<string> keys = [];
        while (NextDue() is { } due && due <= now)
        {
            var key = _queue.Dequeue();
            _due.Remove(key);
            keys.Add(key);
        }

        return keys;
    }
}
