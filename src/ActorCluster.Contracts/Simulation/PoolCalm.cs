namespace ActorCluster.Contracts.Simulation;

/// <summary>
/// Knows when the thread pool has no work left: what left a loop for the pool (a library's Task.Run, a continuation without a context) is done then, and has come back if it was to.
/// </summary>
/// <remarks>
/// The pool belongs to the whole process, and others may hold threads of it for long (a test runner does). So calm is when no more threads are at work than the fewest that ever were;
/// who stays at work for <see cref="Patience"/> counts as such another from then on. Looking costs some tens of nanoseconds. Safe for concurrent use.
/// </remarks>
internal sealed class PoolCalm
{
    /// <summary>How long the pool's own work may take; real time, since it is the machine's.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int SpinsBeforeYield = 10;

    /// <summary>How many are at work for others: at first those that were so before any loop had work.</summary>
    private static int s_others;
    private static int s_held;

    // An explicit one runs when the first loop is made, no later.
    static PoolCalm()
    {
        s_others = Busy();
    }

    private readonly TimeProvider _real = TimeProvider.System;

    /// <summary>How often there was something to wait for.</summary>
    public long Waits { get; private set; }

    /// <summary>A thread of the pool waits for a loop until <see cref="Release"/>: it is not at work.</summary>
    public static void Hold() => Interlocked.Increment(ref s_held);

    public static void Release() => Interlocked.Decrement(ref s_held);

    public void Wait()
    {
        if (IsCalm()) return;
        Waits++;
        var spinner = new SpinWait();
        var began = _real.GetTimestamp();
        while (!IsCalm())
        {
            // Never a sleep of a millisecond, which is what a SpinWait comes to by itself.
            if (spinner.Count < SpinsBeforeYield || !spinner.NextSpinWillYield) spinner.SpinOnce(sleep1Threshold: -1);
            else Thread.Yield();
            if (_real.GetElapsedTime(began) < Patience) continue;
            Volatile.Write(ref s_others, Busy());
            break;
        }
    }

    /// <summary>In this order: what is no longer queued is at work until it is done.</summary>
    private static bool IsCalm()
    {
        if (ThreadPool.PendingWorkItemCount > 0) return false;
        var (busy, others) = (Busy(), Volatile.Read(ref s_others));
        if (busy < others) Interlocked.CompareExchange(ref s_others, busy, others);
        return busy <= others && ThreadPool.PendingWorkItemCount == 0;
    }

    private static int Busy()
    {
        var held = Volatile.Read(ref s_held);
        ThreadPool.GetMaxThreads(out var all, out _);
        ThreadPool.GetAvailableThreads(out var idle, out _);
        return all - idle - held;
    }
}
