namespace ActorCluster.ApiServer.Spdy;

/// <summary>How much may be sent before the receiver makes room (section 2.6.8).</summary>
/// <remarks>
/// kubectl's SPDY library never makes room: it leaves that to TCP. So the window counts from the start, but holds nobody back until the
/// peer has updated it once.
/// </remarks>
internal sealed class SpdyWindow
{
    public const int InitialSize = 64 * 1024;
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = New();
    private long _room = InitialSize;
    private bool _counts;
    private bool _closed;

    /// <summary>Takes room for up to that many bytes, at least one; waits while there is none.</summary>
    /// <exception cref="IOException">The stream is closed.</exception>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_closed) throw new IOException("the stream is closed");
                if (!_counts || _room > 0)
                {
                    var taken = _counts ? (int)Math.Min(wanted, _room) : wanted;
                    _room -= taken;
                    return taken;
                }
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The receiver has made room.</summary>
    /// <returns>False: more than a window may have.</returns>
    public bool Grow(long bytes)
    {
        lock (_lock)
        {
            _counts = true;
            _room += bytes;
            Change();
            return _room <= int.MaxValue;
        }
    }

    /// <summary>Gives room back that wasn't used.</summary>
    public void Return(int bytes)
    {
        lock (_lock)
        {
            _room += bytes;
            Change();
        }
    }

    /// <summary>Nothing more is sent; who waits is told.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Change();
        }
    }

    private void Change()
    {
        _changed.TrySetResult();
        _changed = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
