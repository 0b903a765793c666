namespace ActorCluster.Network.Tcp;

/// <summary>NewReno: slow start, congestion avoidance, fast retransmit and fast recovery (RFC 5681, RFC 6582), with RFC 6928's initial window.</summary>
internal struct CongestionControl(int segmentSize)
{
    private readonly int _segment = segmentSize;
    private int _threshold = int.MaxValue;
    private int _duplicates;
    private uint _recover;

    /// <summary>cwnd, in bytes.</summary>
    public int Window { get; private set; } = Math.Min(10 * segmentSize, Math.Max(2 * segmentSize, 14600));

    public bool InRecovery { get; private set; }

    /// <summary>New data was acknowledged.</summary>
    /// <returns>True: a partial acknowledgment in fast recovery; the segment at SND.UNA is lost as well and to be sent again at once.</returns>
    public bool OnAcknowledged(int bytes, uint acknowledgment, int flight)
    {
        _duplicates = 0;
        if (InRecovery)
        {
            if (acknowledgment.IsBefore(_recover))
            {
                Window = Math.Max(Window - bytes, 0) + _segment;
                return true;
            }
            InRecovery = false;
            Window = Math.Min(_threshold, Math.Max(flight, _segment) + _segment);
            return false;
        }
        var growth = Window < _threshold ? Math.Min(bytes, _segment) : (int)Math.Max(1, (long)_segment * _segment / Window);
        if (Window < 1 << 30) Window += growth;
        return false;
    }

    /// <summary>A duplicate acknowledgment came.</summary>
    /// <returns>True: it is the third; the segment at SND.UNA is to be sent again at once.</returns>
    public bool OnDuplicate(int flight, uint sentUpTo, uint unacknowledged)
    {
        if (InRecovery)
        {
            Window += _segment;
            return false;
        }
        // RFC 6582, 3.2 step 2: duplicates of what was already recovered mustn't start it again.
        if (++_duplicates != 3 || (_recover != 0 && unacknowledged.IsBefore(_recover))) return false;
        _threshold = Math.Max(flight / 2, 2 * _segment);
        Window = _threshold + 3 * _segment;
        _recover = sentUpTo;
        return InRecovery = true;
    }

    /// <summary>The retransmission timer ran out.</summary>
    public void OnTimeout(int flight, uint sentUpTo)
    {
        _threshold = Math.Max(flight / 2, 2 * _segment);
        Window = _segment;
        _recover = sentUpTo;
        _duplicates = 0;
        InRecovery = false;
    }
}
