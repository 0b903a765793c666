namespace ActorCluster.Contracts.Simulation;

/// <summary>
/// Knows when the thread pool has no work left: what left a loop for the pool (a library's Task.Run, a continuation without a context) is done then, and has come back if it was to.
/// </summary>
/// <remarks>
/// The pool belongs to the whole process, and others may hold threads of it for long (a test runner does). So calm is when no more threads are at work than there ever were at a
/// calm time, and who stays at work for <see cref="Patience"/> counts as such another from then on. Looking costs some tens of nanoseconds.
/// </remarks>
internal sealed class PoolCalm
{
    /// <summary>How long the pool's own work may take; real time, since it is the machine's.</summary>
    private const long Patience = 5 * TimeSpan.TicksPerSecond;

    private const int SpinsBeforeYield = 10;

    private readonly TimeProvider _real = TimeProvider.System;
    private int _usual = int.MaxValue;

    /// <summary>How often there was something to wait for.</summary>
    public long Waits { get; private set; }

    /// <param name="held">Threads of the pool that wait for the loop itself just now.</param>
    public void Wait(int held)
    {
        if (IsCalm(held)) return;
        Waits++;
        var spinner = new SpinWait();
        var began = _real.GetTimestamp();
        while (!IsCalm(held))
        {
            // Never a sleep of a millisecond, which is what a SpinWait comes to by itself.
            if (spinner.Count < SpinsBeforeYield || !spinner.NextSpinWillYield) spinner.SpinOnce(sleep1Threshold: -1);
            else Thread.Yield();
            if (_real.GetElapsedTime(began).Ticks < Patience) continue;
            _usual = Busy(held);
            return;
        }
    }

    /// <summary>In this order: what is no longer queued is at work until it is done.</summary>
    private bool IsCalm(int held)
    {
        if (ThreadPool.PendingWorkItemCount > 0) return false;
        var busy = Busy(held);
        if (busy < _usual) _usual = busy;
        return busy <= _usual && ThreadPool.PendingWorkItemCount == 0;
    }

    private static int Busy(int held)
    {
        ThreadPool.GetMaxThreads(out var all, out _);
        ThreadPool.GetAvailableThreads(out var idle, out _);
        return all - idle - held;
    }
}
