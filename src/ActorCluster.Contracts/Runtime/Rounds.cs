namespace ActorCluster.Contracts.Runtime;

/// <summary>
/// The moments at which somebody looks who looks every so often: a period apart, counted from the last look. Those at which there can't be anything new are left out, without the
/// others moving; on an idle cluster such looks would else be most of what happens.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <param name="period">More than zero.</param>
public sealed class Rounds(TimeProvider clock, TimeSpan period)
{
    private long _last = clock.GetTimestamp();

    /// <summary>A look begins now.</summary>
    public void Begin() => Volatile.Write(ref _last, clock.GetTimestamp());

    /// <summary>How long it is from now to the next of these moments; never zero.</summary>
    public TimeSpan UntilNext() => UntilPast(TimeSpan.Zero);

    /// <summary>How long it is from now to the first of these moments that is further away than <paramref name="wait"/>.</summary>
    /// <param name="wait">What is negative counts as zero.</param>
    public TimeSpan UntilPast(TimeSpan wait)
    {
        var sinceLast = clock.GetElapsedTime(Volatile.Read(ref _last));
        var until = sinceLast + (wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        return period * (until.Ticks / period.Ticks + 1) - sinceLast;
    }
}
