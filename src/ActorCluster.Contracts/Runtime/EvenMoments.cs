namespace ActorCluster.Contracts.Runtime;

/// <summary>
/// What is done every so often is done when the time of day is a multiple of a step: together with all else that its process does so, and with what the cluster's other processes do, which are
/// woken once for all of it.
/// </summary>
public static class EvenMoments
{
    /// <summary>So much too early is early enough: else what is late by a little would be later each time.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    /// <summary>How long it is to the first even moment at which <paramref name="wait"/> is over, by a twentieth of a second at most not quite.</summary>
    /// <param name="step">More than zero.</param>
    public static TimeSpan UntilEven(this TimeProvider clock, TimeSpan wait, TimeSpan step)
    {
        var now = clock.GetUtcNow().Ticks;
        var earliest = now + wait.Ticks - Tolerance.Ticks;
        return TimeSpan.FromTicks(Math.Max(0, (earliest + step.Ticks - 1) / step.Ticks * step.Ticks - now));
    }

    /// <summary>Completes at the next even moment that isn't just now.</summary>
    public static Task NextEvenAsync(this TimeProvider clock, TimeSpan step, CancellationToken cancellationToken) => Task.Delay(clock.UntilEven(2 * Tolerance, step), clock, cancellationToken);
}
