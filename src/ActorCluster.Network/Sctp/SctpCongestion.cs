namespace ActorCluster.Network.Sctp;

/// <summary>Congestion control of the one path there is (RFC 9260, 7.2).</summary>
/// <remarks>Left out: the decay of an idle path's window (7.2.1) and Max.Burst (6.1 D); both only ever send less.</remarks>
internal struct SctpCongestion(int packet)
{
    private readonly int _packet = packet;
    private int _threshold = int.MaxValue;
    private int _partial;
    private uint _recoveryEnd;

    /// <summary>cwnd, in bytes.</summary>
    public int Window { get; private set; } = Math.Min(4 * packet, Math.Max(2 * packet, 4404));

    public bool InRecovery { get; private set; }

    /// <summary>The cumulative TSN moved on.</summary>
    /// <param name="bytes">What the SACK acknowledged for the first time.</param>
    /// <param name="flight">What was in flight before.</param>
    /// <param name="nothingLeft">Everything is acknowledged now.</param>
    public void OnAcknowledged(int bytes, uint cumulative, int flight, bool nothingLeft)
    {
        if (InRecovery && (int)(cumulative - _recoveryEnd) >= 0) InRecovery = false;
        else if (!InRecovery) Grow(bytes, flight);
        if (nothingLeft) _partial = 0;
    }

    /// <summary>A fast retransmission is due (7.2.4).</summary>
    /// <param name="highest">The last TSN in flight: with it, recovery ends.</param>
    public void OnLoss(uint highest)
    {
        if (InRecovery) return;
        _threshold = Math.Max(Window / 2, 4 * _packet);
        (Window, _partial, InRecovery, _recoveryEnd) = (_threshold, 0, true, highest);
    }

    /// <summary>T3-rtx ran out (7.2.3).</summary>
    public void OnTimeout()
    {
        _threshold = Math.Max(Window / 2, 4 * _packet);
        (Window, _partial, InRecovery) = (_packet, 0, false);
    }

    private void Grow(int bytes, int flight)
    {
        var isFull = flight >= Window; // a window that isn't used up has shown nothing
        if (Window <= _threshold)
        {
            if (isFull && Window < 1 << 30) Window += Math.Min(bytes, _packet);
            return;
        }
        _partial += bytes;
        if (_partial < Window) return;
        _partial -= isFull ? Window : _partial - Window;
        if (isFull && Window < 1 << 30) Window += _packet;
    }
}
