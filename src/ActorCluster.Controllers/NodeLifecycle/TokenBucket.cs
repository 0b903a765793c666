namespace ActorCluster.Controllers.NodeLifecycle;

/// <summary>A rate with a burst of one. Pure: time is given.</summary>
internal sealed class TokenBucket(double perSecond, DateTimeOffset start)
{
    private double _tokens = 1;
    private DateTimeOffset _filled = start;

    public double Rate { get; private set; } = perSecond;

    /// <summary>Another rate; what has been saved up is kept.</summary>
    public void SetRate(double perSecond, DateTimeOffset now)
    {
        Fill(now);
        Rate = perSecond;
    }

    public bool TryTake(DateTimeOffset now)
    {
        Fill(now);
        // A rate of zero is a stop, whatever was saved up.
        if (Rate <= 0 || _tokens < 1) return false;
        _tokens -= 1;
        return true;
    }

    private void Fill(DateTimeOffset now)
    {
        if (now <= _filled) return;
        // Tolerates the rounding of timers: a token that lacks a billionth is there.
        _tokens = Math.Min(1, _tokens + ((now - _filled).TotalSeconds * Rate) + 1e-9);
        _filled = now;
    }
}
