namespace ActorCluster.Contracts.Runtime;

/// <summary>
/// Waits that double from the first to the longest, each between half and the whole of its length, so that those who failed
/// together don't come back together.
/// </summary>
public sealed class Backoff(TimeProvider clock, RandomSource random, TimeSpan first, TimeSpan longest)
{
    private int _failures;

    /// <summary>The next wait's length; the one after it will be twice as long.</summary>
    public TimeSpan Next()
    {
        var doubled = first * Math.Pow(2, Math.Min(_failures++, 30));
        return (doubled < longest ? doubled : longest) * (0.5 + random.NextDouble() / 2);
    }

    public Task WaitAsync(CancellationToken ct) => Task.Delay(Next(), clock, ct);

    /// <summary>Something worked: start from the first again.</summary>
    public void Reset() => _failures = 0;
}
