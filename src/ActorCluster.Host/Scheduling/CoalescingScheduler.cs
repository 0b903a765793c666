using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace ActorCluster.Host.Scheduling;

/// <summary>
/// Akka's scheduler for processes that mostly have nothing to do: it wakes when something is due, and lets what can wait a little fall due together. Akka's own wakes at every tick,
/// whatever is due.
/// </summary>
/// <remarks>
/// Nothing is early. What is due after a second or more may be late by a quarter of that at most (and by a second), anything else by <see cref="Finest"/>. What repeats may be late once more, the second
/// time, by its interval (and by a second), so as to be due with all else that repeats; its interval then counts from there. The steps are those of the time of day: what a cluster's processes
/// say to each other every second they say at the same moment, which wakes each of them once and not once for each of the others. Akka makes it by its name.
/// </remarks>
internal sealed class CoalescingScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    /// <summary>Akka's own timers (gossip, heartbeats, patience) are in tenths of seconds and more, and what needs precision uses the clock of the simulation.</summary>
    private static readonly TimeSpan Finest = TimeSpan.FromMilliseconds(50);

    /// <summary>Each a multiple of the next, so that what is due at a coarse step is due with what is due at a fine one.</summary>
    private static readonly TimeSpan[] Steps = [TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(250), Finest];

    /// <summary>Timers count whole milliseconds, by a clock that isn't this one: woken too early, it would have to wake again.</summary>
    private static readonly TimeSpan TimerError = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<Entry, (TimeSpan Due, long Number)> _waiting = new();
    private readonly TimeProvider _clock;
    private readonly long _started;

    /// <summary>How far into a second the time of day was then.</summary>
    private readonly TimeSpan _intoSecond;
    private readonly ITimer _timer;
    private TimeSpan? _wakes;
    private long _lastNumber;
    private bool _ended;

    public CoalescingScheduler(Config scheduler, ILoggingAdapter log) : this(scheduler, log, TimeProvider.System)
    {
    }

    internal CoalescingScheduler(Config scheduler, ILoggingAdapter log, TimeProvider clock) : base(scheduler, log)
    {
        _clock = clock;
        _started = clock.GetTimestamp();
        _intoSecond = TimeSpan.FromTicks(clock.GetUtcNow().Ticks % TimeSpan.TicksPerSecond);
        _timer = clock.CreateTimer(static state => ((CoalescingScheduler)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override TimeSpan MonotonicClock => _clock.GetElapsedTime(_started);

    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    protected override DateTimeOffset TimeNow => _clock.GetUtcNow();

    /// <summary>What still waits is dropped.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            _waiting.Clear();
        }

        _timer.Dispose();
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, null, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, null, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Add(delay, null, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) => Add(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, interval, action.Run, cancelable);

    private void Add(TimeSpan delay, TimeSpan? interval, Action action, ICancelable? cancelable)
    {
        var entry = new Entry(action, interval, cancelable);
        if (entry.IsCancelled) return;
        lock (_lock)
        {
            if (_ended) throw new SchedulerException("The actor system has ended; nothing can be scheduled any more.");
            var now = MonotonicClock;
            Enqueue(entry, AlignedAfter(now + delay, StepWithin(delay / 4)));
            Arm(now);
        }
    }

    private void OnTimer()
    {
        List<Entry> due = [];
        lock (_lock)
        {
            if (_ended) return;
            _wakes = null;
            var now = MonotonicClock;
            while (_waiting.TryPeek(out var entry, out var at) && at.Due <= now)
            {
                _waiting.Dequeue();
                due.Add(entry);
                // Held up for longer than the interval (a paused process), it goes on from now, and doesn't make up for what it missed.
                if (entry is { Interval: { } interval, IsCancelled: false }) Enqueue(entry, AlignedAfter((at.Due + interval > now ? at.Due : now) + interval, StepOf(interval)));
            }

            Arm(now);
        }

        foreach (var entry in due)
        {
            try
            {
                if (!entry.IsCancelled) entry.Action();
            }
            catch (Exception fault)
            {
                Log.Error(fault, "What was scheduled failed");
            }
        }
    }

    private void Enqueue(Entry entry, TimeSpan due) => _waiting.Enqueue(entry, (due, ++_lastNumber));

    private void Arm(TimeSpan now)
    {
        if (!_waiting.TryPeek(out _, out var next) || next.Due >= _wakes) return;
        _wakes = next.Due;
        var wait = next.Due - now;
        _timer.Change(wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) + TimerError : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What it may be late by, for something due once.</summary>
    private static TimeSpan StepWithin(TimeSpan patience) => Steps.FirstOrDefault(step => step <= patience, Finest);

    /// <summary>What it may be late by once, so that each further time is at a step as well.</summary>
    private static TimeSpan StepOf(TimeSpan interval) => Steps.FirstOrDefault(step => interval.Ticks % step.Ticks == 0, TimeSpan.FromTicks(1));

    private TimeSpan AlignedAfter(TimeSpan time, TimeSpan step) => TimeSpan.FromTicks(((time + _intoSecond).Ticks + step.Ticks - 1) / step.Ticks * step.Ticks) - _intoSecond;

    private sealed record Entry(Action Action, TimeSpan? Interval, ICancelable? Cancelable)
    {
        public bool IsCancelled => Cancelable is { IsCancellationRequested: true };
    }
}
