using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>
/// The states of the store that lists in pages began with, so that later pages show the same state. They go as etcd's revisions go in a cluster
/// elsewhere: each five minutes what was no longer the newest five minutes before (apiserver/pkg/storage/etcd3/compact.go). Safe for concurrent use.
/// </summary>
internal sealed class PagedStates(TimeProvider clock)
{
    /// <summary>How often old states go (storagebackend.DefaultCompactInterval).</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>So many states are kept at most: who begins lists faster than that sees them expire earlier.</summary>
    public const int Most = 1_000;

    private readonly Lock _lock = new();
    private readonly long _start = clock.GetTimestamp();
    private readonly SortedDictionary<long, Kept> _states = [];
    private long _round;

    /// <summary>Keeps the state that a page was made of.</summary>
    public void Keep(IStoreSnapshot snapshot)
    {
        lock (_lock)
        {
            Drop();
            // A later page of the same list doesn't make its state any newer.
            if (_states.ContainsKey(snapshot.Revision)) return;
            if (_states.Count >= Most) _states.Remove(_states.Keys.First());
            _states.Add(snapshot.Revision, new Kept(snapshot, Round()));
        }
    }

    /// <summary>The state of a revision; null where it has expired.</summary>
    public IStoreSnapshot? Find(long revision, IStoreSnapshot newest)
    {
        if (revision == newest.Revision) return newest;
        lock (_lock)
        {
            Drop();
            return _states.TryGetValue(revision, out var kept) ? kept.Snapshot : null;
        }
    }

    /// <summary>Lets go of what has expired: to be called now and then, or the last list in pages keeps its objects in memory.</summary>
    public void Expire()
    {
        if (Round() == Volatile.Read(ref _round)) return;
        lock (_lock) Drop();
    }

    /// <summary>A state that was the newest in one interval may have been the newest at its end, and goes with the end of the next.</summary>
    private void Drop()
    {
        var round = Round();
        if (round == _round) return;
        Volatile.Write(ref _round, round);
        foreach (var revision in _states.Where(state => state.Value.Round + 1 < round).Select(state => state.Key).ToList()) _states.Remove(revision);
    }

    private long Round() => clock.GetElapsedTime(_start).Ticks / Interval.Ticks;

    /// <param name="Round">The interval in which it was the newest.</param>
    private readonly record struct Kept(IStoreSnapshot Snapshot, long Round);
}
