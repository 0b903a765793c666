namespace ActorCluster.Controllers.DaemonSets;

/// <summary>How often failed pods of one kind may be deleted, so that a set whose pods are refused on a node doesn't spin: at once, then after 1 s,
/// doubling to 15 min; forgotten after twice that time of peace (k8s.io/client-go/util/flowcontrol/backoff.go, FailedPodsBackoff).</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class FailedPodBackoff(TimeProvider clock)
{
    public static readonly TimeSpan Initial = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Maximum = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, (TimeSpan Wait, DateTimeOffset Since)> _entries = [];
    private readonly Lock _lock = new();

    /// <returns>Null: go ahead, which counts. Else how long to wait.</returns>
    public TimeSpan? TryPass(string key)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            Forget(now);
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries.Add(key, (Initial, now));
                return null;
            }

            var left = entry.Since + entry.Wait - now;
            if (left > TimeSpan.Zero) return left;
            _entries[key] = (entry.Wait * 2 > Maximum ? Maximum : entry.Wait * 2, now);
            return null;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var key in _entries.Where(entry => now - entry.Value.Since > Maximum * 2).Select(entry => entry.Key).ToList()) _entries.Remove(key);
    }
}
