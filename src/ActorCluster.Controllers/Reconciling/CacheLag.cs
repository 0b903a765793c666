using System.Globalization;

namespace ActorCluster.Controllers.Reconciling;

/// <summary>
/// Knows when a cache does not show a controller's own writes yet. Deciding from such a cache would write the same again and run into
/// conflicts; the watch event of the write brings the key back anyway. (Upstream: pkg/controller/util/consistency.)
/// </summary>
/// <remarks>Safe for concurrent use. A write that never shows up (its object was deleted at once) is forgotten after <see cref="Patience"/>;
/// where the cache still has an older state of the object, the news is on its way.</remarks>
internal sealed class CacheLag(TimeProvider clock)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Dictionary<string, (long Version, DateTimeOffset At)>> _writes = [];
    private readonly Lock _lock = new();

    /// <param name="owner">The key of the controller's object, for which the write was made.</param>
    /// <param name="written">The "ns/name" of the object that was written.</param>
    public void Wrote(string owner, string written, string? resourceVersion)
    {
        if (!TryParse(resourceVersion, out var version)) return;
        lock (_lock)
        {
            if (!_writes.TryGetValue(owner, out var writes)) _writes.Add(owner, writes = []);
            writes[written] = (version, clock.GetUtcNow());
        }
    }

    /// <summary>Whether some write for <paramref name="owner"/> is not visible yet.</summary>
    /// <param name="cachedVersion">The resourceVersion in the cache of an object; null if it is not there.</param>
    public bool Behind(string owner, Func<string, string?> cachedVersion)
    {
        lock (_lock)
        {
            if (!_writes.TryGetValue(owner, out var writes)) return false;
            var now = clock.GetUtcNow();
            foreach (var (written, (version, at)) in writes.ToList())
            {
                var visible = TryParse(cachedVersion(written), out var cached) ? cached >= version : now - at > Patience;
                if (visible) writes.Remove(written);
            }

            if (writes.Count > 0) return true;
            _writes.Remove(owner);
            return false;
        }
    }

    /// <summary>Whether the cache has not been seen yet to show something that was written for <paramref name="owner"/>.</summary>
    public bool Awaits(string owner, string written)
    {
        lock (_lock) return _writes.TryGetValue(owner, out var writes) && writes.ContainsKey(written);
    }

    public void Forget(string owner)
    {
        lock (_lock) _writes.Remove(owner);
    }

    private static bool TryParse(string? text, out long version) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);
}
