namespace ActorCluster.Controllers.Scheduling;

/// <summary>Pods that could not be placed: how often, and how long each must wait before the next attempt (the backoff queue of
/// pkg/scheduler/backend/queue).</summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class PendingPods(TimeSpan initialBackoff, TimeSpan maxBackoff)
{
    private readonly Dictionary<string, Pending> _pods = [];

    public int Count => _pods.Count;

    /// <summary>Notes one more failed attempt.</summary>
    public void Failed(string key, string uid, DateTimeOffset now)
    {
        var attempts = _pods.TryGetValue(key, out var earlier) && earlier.Uid == uid ? earlier.Attempts : 0;
        _pods[key] = new Pending(uid, attempts + 1, now);
    }

    public void Remove(string key) => _pods.Remove(key);

    /// <summary>Everything that waits, with the time that is left of its backoff: the cluster has changed, it is worth a try.</summary>
    public IReadOnlyList<(string Key, TimeSpan Wait)> Retry(DateTimeOffset now) =>
        [.. _pods.Select(pair => (pair.Key, Left(pair.Value, now)))];

    private TimeSpan Left(Pending pod, DateTimeOffset now)
    {
        var seconds = Math.Min(initialBackoff.TotalSeconds * Math.Pow(2, Math.Min(pod.Attempts - 1, 30)), maxBackoff.TotalSeconds);
        var left = pod.Since + TimeSpan.FromSeconds(seconds) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private sealed record Pending(string Uid, int Attempts, DateTimeOffset Since);
}
