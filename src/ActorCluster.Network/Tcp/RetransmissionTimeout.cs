namespace ActorCluster.Network.Tcp;

/// <summary>The retransmission timeout, by RFC 6298 (and, the same but for its bounds, by RFC 9260, 6.3), in ticks of 100 ns.</summary>
internal struct RetransmissionTimeout(long minimum, long maximum)
{
    private readonly long _minimum = minimum;
    private readonly long _maximum = maximum;
    private long _smoothed;
    private long _variation;
    private bool _measured;

    public long Current { get; private set; } = TimeSpan.TicksPerSecond;

    /// <summary>TCP's. Its minimum is Linux's 200 ms instead of the RFC's 1 s, as on every network that emulated programs expect.</summary>
    public static RetransmissionTimeout ForTcp => new(200 * TimeSpan.TicksPerMillisecond, 120 * TimeSpan.TicksPerSecond);

    /// <summary>SCTP's (RFC 9260, 16: RTO.Min, RTO.Max).</summary>
    public static RetransmissionTimeout ForSctp => new(TimeSpan.TicksPerSecond, 60 * TimeSpan.TicksPerSecond);

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
        Current = Math.Clamp(_smoothed + 4 * _variation, _minimum, _maximum);
    }

    /// <summary>It ran out (5.5): twice as long the next time.</summary>
    public void BackOff() => Current = Math.Min(Current * 2, _maximum);

    /// <summary>New data was acknowledged: no more backing off.</summary>
    public void Recovered()
    {
        if (_measured) Current = Math.Clamp(_smoothed + 4 * _variation, _minimum, _maximum);
    }
}
