namespace ActorCluster.Host.State;

/// <summary>
/// The moments at which something is looked at now and then: each time that the time of day is a multiple of the interval. Whoever waits for these does so together with all others of the
/// process, and with those of other processes, instead of waking them each at another time.
/// </summary>
internal static class EvenMoments
{
    /// <summary>Timers count whole milliseconds, and by a clock that isn't that of the day.</summary>
    private static readonly TimeSpan TimerError = TimeSpan.FromMilliseconds(1);

    /// <summary>Completes at the next of these moments.</summary>
    public static Task NextAsync(TimeSpan interval, TimeProvider clock, CancellationToken cancellationToken)
    {
        var since = TimeSpan.FromTicks(clock.GetUtcNow().Ticks % interval.Ticks);
        return Task.Delay(interval - since + TimerError, clock, cancellationToken);
    }
}
