namespace ActorCluster.Contracts.Runtime;

/// <summary>How much a sender may still send: takes wait until the receiver has granted some. Safe for concurrent use.</summary>
internal sealed class CreditGate(long initial)
{
    private readonly Lock _lock = new();
    private long _available = initial;
    private TaskCompletionSource? _granted;
    private Exception? _closed;

    /// <summary>Waits until there is some credit, then takes as much of what is wanted as there is.</summary>
    /// <exception cref="Exception">What <see cref="Close"/> was given.</exception>
    public ValueTask<int> TakeAsync(int wanted, CancellationToken ct) => TakeAsync(wanted, mayOverdraw: false, ct);

    /// <summary>Waits until there is some credit, then takes it all, beyond what there is if need be: for what can't be split.</summary>
    /// <exception cref="Exception">What <see cref="Close"/> was given.</exception>
    public async ValueTask OverdrawAsync(int amount, CancellationToken ct) => await TakeAsync(amount, mayOverdraw: true, ct);

    public void Grant(long amount)
    {
        lock (_lock)
        {
            _available += amount;
            if (_available > 0) Wake();
        }
    }

    /// <summary>All takes, also those that wait, throw from now on.</summary>
    public void Close(Exception reason)
    {
        lock (_lock)
        {
            _closed ??= reason;
            Wake();
        }
    }

    private async ValueTask<int> TakeAsync(int wanted, bool mayOverdraw, CancellationToken ct)
    {
        while (true)
        {
            Task granted;
            lock (_lock)
            {
                if (_closed is not null) throw _closed;
                if (_available > 0)
                {
                    var taken = mayOverdraw ? wanted : (int)Math.Min(wanted, _available);
                    _available -= taken;
                    return taken;
                }

                granted = (_granted ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await granted.WaitAsync(ct);
        }
    }

    private void Wake()
    {
        _granted?.TrySetResult();
        _granted = null;
    }
}
