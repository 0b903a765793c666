namespace ActorCluster.Controllers.Reconciling;

/// <summary>How long a key that failed waits: doubling for each failure in a row. Upstream's defaults are 5 ms to 1000 s
/// (DefaultTypedControllerRateLimiter in k8s.io/client-go/util/workqueue/default_rate_limiters.go).</summary>
/// <remarks>Owned by one actor; not safe for concurrent use.</remarks>
internal sealed class RetryBackoff(TimeSpan initial, TimeSpan maximum)
{
    private readonly Dictionary<string, int> _failures = [];

    /// <summary>Counts one more failure of the key and says how long it must wait.</summary>
    public TimeSpan Next(string key)
    {
        var failures = _failures.GetValueOrDefault(key);
        _failures[key] = failures + 1;
        var seconds = initial.TotalSeconds * Math.Pow(2, Math.Min(failures, 60));
        return seconds >= maximum.TotalSeconds ? maximum : TimeSpan.FromSeconds(seconds);
    }

    public int Failures(string key) => _failures.GetValueOrDefault(key);

    public void Forget(string key) => _failures.Remove(key);
}
