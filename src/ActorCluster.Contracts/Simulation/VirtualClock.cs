namespace ActorCluster.Contracts.Simulation;

/// <summary>
/// Time that passes only when it is told to: for all that waits by a <see cref="TimeProvider"/> and, through <see cref="LoopScheduler"/>, for Akka. What is due at the same moment
/// comes in the order in which it was asked for. Safe for concurrent use; callbacks run on the loop that owns it.
/// </summary>
public sealed class VirtualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly SortedSet<Entry> _waiting = [];
    private readonly Action _arrived;
    private long _now;
    private long _sequence;

    /// <param name="start">What time it is at first.</param>
    /// <param name="arrived">Told, on the thread that asks, of each wait that is due at once.</param>
    internal VirtualClock(DateTimeOffset start, Action arrived) => (Start, _arrived) = (start.ToUniversalTime(), arrived);

    /// <summary>What time it was at first.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>How much has passed since.</summary>
    public TimeSpan Elapsed => new(Volatile.Read(ref _now));

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + Elapsed;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <summary>How many timers wait.</summary>
    public int Waiting
    {
        get { lock (_lock) return _waiting.Count; }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Entry(this, callback, state, ExecutionContext.Capture());
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>A timer that comes after all others of its moment.</summary>
    internal ITimer CreateLast(Action callback, TimeSpan dueTime)
    {
        var timer = new Entry(this, static state => ((Action)state!)(), callback, null) { IsLast = true };
        timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        return timer;
    }

    /// <summary>Takes the next timer; time becomes when it is due.</summary>
    /// <param name="mayStep">False: only one that is due already.</param>
    /// <returns>Null: there is none.</returns>
    internal Action? TakeNext(bool mayStep)
    {
        lock (_lock)
        {
            if (_waiting.Min is not { } next || (!mayStep && next.Due > _now)) return null;
            _waiting.Remove(next);
            if (next.Due > _now) Volatile.Write(ref _now, next.Due);
            next.IsWaiting = false;
            if (next.Period > 0) Add(next, next.Due + next.Period);
            return next.Run;
        }
    }

    private void Add(Entry timer, long due)
    {
        (timer.Due, timer.Sequence, timer.IsWaiting) = (due, ++_sequence, true);
        _waiting.Add(timer);
    }

    private sealed class Entry(VirtualClock clock, TimerCallback callback, object? state, ExecutionContext? context) : ITimer, IComparable<Entry>
    {
        private bool _disposed;

        public bool IsLast { get; init; }
        public long Due { get; set; }
        public long Sequence { get; set; }
        public long Period { get; private set; }
        public bool IsWaiting { get; set; }

        public int CompareTo(Entry? other)
        {
            var order = Due.CompareTo(other!.Due);
            if (order == 0) order = IsLast.CompareTo(other.IsLast);
            return order != 0 ? order : Sequence.CompareTo(other.Sequence);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
            ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
            lock (clock._lock)
            {
                if (_disposed) return false;
                if (IsWaiting) clock._waiting.Remove(this);
                IsWaiting = false;
                Period = period > TimeSpan.Zero ? period.Ticks : 0;
                if (dueTime != Timeout.InfiniteTimeSpan) clock.Add(this, clock._now + dueTime.Ticks);
            }
            if (dueTime == TimeSpan.Zero) clock._arrived();
            return true;
        }

        public void Run()
        {
            if (_disposed) return;
            if (context is null) callback(state);
            else ExecutionContext.Run(context, static entry => ((Entry)entry!).Callback(), this);
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                _disposed = true;
                if (IsWaiting) clock._waiting.Remove(this);
                IsWaiting = false;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Callback() => callback(state);
    }
}
