namespace ActorCluster.Controllers.Scheduling;

/// <summary>
/// The pods that have no node yet: those to be tried now, the most important first, and those that could not be placed, which wait for a change that
/// may help them and at least for their backoff (pkg/scheduler/backend/queue).
/// </summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class SchedulingQueue(TimeSpan initialBackoff, TimeSpan maxBackoff, TimeSpan flush)
{
    private readonly SortedSet<Entry> _active = new(EntryOrder.Instance);
    private readonly Dictionary<string, Entry> _activeByKey = [];
    private readonly SortedDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private long _number;

    public int WaitingCount => _waiting.Count;

    /// <summary>A pod to be tried as soon as possible; its failed attempts so far still count.</summary>
    public void Push(string key, string uid, int priority)
    {
        var attempts = 0;
        if (_waiting.Remove(key, out var waiting) && waiting.Uid == uid) attempts = waiting.Attempts;
        if (_activeByKey.TryGetValue(key, out var known))
        {
            if (known.Uid == uid && known.Priority == priority) return;
            _active.Remove(known);
        }

        var entry = new Entry(key, uid, priority, attempts, _number++);
        _active.Add(entry);
        _activeByKey[key] = entry;
    }

    /// <returns>Null: there is nothing to do.</returns>
    public Entry? Take()
    {
        if (_active.Min is not { } first) return null;
        _active.Remove(first);
        _activeByKey.Remove(first.Key);
        return first;
    }

    /// <summary>The pod could not be placed.</summary>
    /// <param name="mayHelp">The changes that are worth another try.</param>
    /// <returns>After that time it is tried again though nothing changed.</returns>
    public TimeSpan Failed(Entry entry, ClusterChange mayHelp, DateTimeOffset now)
    {
        _waiting[entry.Key] = new Waiting(entry.Uid, entry.Priority, entry.Attempts + 1, now, mayHelp, IsWoken: false);
        return flush;
    }

    /// <summary>The pod could not be placed by no fault of its own: again after its backoff.</summary>
    public TimeSpan Retry(Entry entry, DateTimeOffset now)
    {
        var waiting = new Waiting(entry.Uid, entry.Priority, entry.Attempts + 1, now, ClusterChange.All, IsWoken: true);
        _waiting[entry.Key] = waiting;
        return BackoffLeft(waiting, now);
    }

    public void Remove(string key)
    {
        _waiting.Remove(key);
        if (_activeByKey.Remove(key, out var entry)) _active.Remove(entry);
    }

    /// <summary>Something happened: those that it may help are tried again when their backoff is over.</summary>
    /// <returns>Those and the time that is left; the ones with none are in the queue by now.</returns>
    public IReadOnlyList<(string Key, TimeSpan Wait)> Wake(ClusterChange change, DateTimeOffset now)
    {
        if (_waiting.Count == 0 || change == ClusterChange.None) return [];
        List<(string, TimeSpan)> woken = [];
        foreach (var (key, waiting) in _waiting.Where(pair => !pair.Value.IsWoken && (pair.Value.MayHelp & change) != 0).ToList())
        {
            var left = BackoffLeft(waiting, now);
            if (left > TimeSpan.Zero) _waiting[key] = waiting with { IsWoken = true };
            else Push(key, waiting.Uid, waiting.Priority);
            woken.Add((key, left));
        }

        return woken;
    }

    /// <summary>Puts the pod into the queue if its time has come.</summary>
    public void Due(string key, DateTimeOffset now)
    {
        if (!_waiting.TryGetValue(key, out var waiting)) return;
        if ((waiting.IsWoken && BackoffLeft(waiting, now) == TimeSpan.Zero) || waiting.Since + flush <= now) Push(key, waiting.Uid, waiting.Priority);
    }

    private TimeSpan BackoffLeft(Waiting pod, DateTimeOffset now)
    {
        var seconds = Math.Min(initialBackoff.TotalSeconds * Math.Pow(2, Math.Min(pod.Attempts - 1, 30)), maxBackoff.TotalSeconds);
        var left = pod.Since + TimeSpan.FromSeconds(seconds) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <param name="Number">The order of arrival.</param>
    public sealed record Entry(string Key, string Uid, int Priority, int Attempts, long Number);

    private sealed record Waiting(string Uid, int Priority, int Attempts, DateTimeOffset Since, ClusterChange MayHelp, bool IsWoken);

    private sealed class EntryOrder : IComparer<Entry>
    {
        public static readonly EntryOrder Instance = new();

        public int Compare(Entry? x, Entry? y)
        {
            var order = y!.Priority.CompareTo(x!.Priority);
            return order != 0 ? order : x.Number.CompareTo(y.Number);
        }
    }
}
