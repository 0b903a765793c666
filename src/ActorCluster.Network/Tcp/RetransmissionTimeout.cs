namespace ActorCluster.Network.Tcp;

/// <summary>The retransmission timeout, by RFC 6298, in ticks of 100 ns.</summary>
/// <remarks>Its minimum is Linux's 200 ms instead of the RFC's 1 s, as on every network that emulated programs expect.</remarks>
internal struct RetransmissionTimeout()
{
    public const long Minimum = 200 * TimeSpan.TicksPerMillisecond;
    public const long Maximum = 120 * TimeSpan.TicksPerSecond;

    private long _smoothed;
    private long _variation;
    private bool _measured;

    public long Current { get; private set; } = TimeSpan.TicksPerSecond;

    /// <summary>A round trip was measured, of a segment that was sent once only (Karn).</summary>
    public void Measure(long roundTrip)
    {
        if (!_measured)
        {
            (_smoothed, _variation, _measured) = (roundTrip, roundTrip / 2, true);
        }
        else
        {
            _variation = (3 * _variation + Math.Abs(_smoothed - roundTrip)) / 4;
            _smoothed = (7 * _smoothed + roundTrip) / 8;
        }
        Current = Math.Clamp(_smoothed + 4 * _variation, Minimum, Maximum);
    }

    /// <summary>It ran out (5.5): twice as long the next time.</summary>
    public void BackOff() => Current = Math.Min(Current * 2, Maximum);

    /// <summary>New data was acknowledged: no more backing off.</summary>
    public void Recovered()
    {
        if (_measured) Current = Math.Clamp(_smoothed + 4 * _variation, Minimum, Maximum);
    }
}
