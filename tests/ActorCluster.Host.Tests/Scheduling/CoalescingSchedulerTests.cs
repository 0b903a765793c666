using ActorCluster.Host.Scheduling;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Host.Tests.Scheduling;

public sealed class CoalescingSchedulerTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _run = [];
    private readonly CoalescingScheduler _scheduler;

    private IActionScheduler Actions => _scheduler;

    public CoalescingSchedulerTests()
    {
        _scheduler = new CoalescingScheduler(Config.Empty, NoLogger.Instance, _clock);
        _clock.Advance(Ms(7)); // not just at a step
    }

    public void Dispose() => _scheduler.Dispose();

    [Fact]
    public void Nothing_is_early_and_what_is_short_is_late_by_a_twentieth_of_a_second_at_most()
    {
        Actions.ScheduleOnce(Ms(120), () => _run.Add("once"));

        _clock.Advance(Ms(119));
        _run.ShouldBeEmpty();
        _clock.Advance(Ms(52));

        _run.ShouldBe(["once"]);
    }

    [Fact]
    public void What_can_wait_a_little_falls_due_together_in_the_order_in_which_it_was_asked_for()
    {
        Actions.ScheduleOnce(Ms(2400), () => _run.Add("first"));
        Actions.ScheduleOnce(Ms(2100), () => _run.Add("second"));

        _clock.Advance(Ms(2400));
        _run.ShouldBeEmpty();
        _clock.Advance(Ms(100));

        _run.ShouldBe(["first", "second"]);
    }

    [Fact]
    public void What_repeats_keeps_its_interval_from_the_second_time_on_and_falls_due_with_what_else_repeats()
    {
        List<TimeSpan> times = [], others = [];
        Actions.ScheduleRepeatedly(Ms(50), Ms(1000), () => times.Add(_scheduler.MonotonicClock));
        Actions.ScheduleRepeatedly(Ms(600), Ms(500), () => others.Add(_scheduler.MonotonicClock));

        for (var i = 0; i < 4500; i++) _clock.Advance(Ms(1));

        times[0].ShouldBeInRange(Ms(7 + 50), Ms(7 + 50 + 52));
        (times[1] - times[0]).ShouldBeInRange(Ms(1000), Ms(2000));
        times.Skip(1).Zip(times.Skip(2), static (one, next) => next - one).ShouldAllBe(interval => interval == Ms(1000));
        others.ShouldContain(times[^1]);
        others.Count.ShouldBeGreaterThan(6);
    }

    [Fact]
    public void Processes_that_started_at_different_moments_tick_together()
    {
        List<DateTimeOffset> times = [], others = [];
        Actions.ScheduleRepeatedly(Ms(1000), Ms(1000), () => times.Add(_clock.GetUtcNow()));
        _clock.Advance(Ms(1321));
        using var other = new CoalescingScheduler(Config.Empty, NoLogger.Instance, _clock);
        ((IActionScheduler)other).ScheduleRepeatedly(Ms(1000), Ms(1000), () => others.Add(_clock.GetUtcNow()));
        times.Clear();

        for (var i = 0; i < 5000; i++) _clock.Advance(Ms(1));

        // The first time is at a finer step.
        others.RemoveAt(0);
        others.ShouldBe(times.TakeLast(others.Count));
        others.Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public void An_interval_that_is_no_multiple_of_a_step_is_kept_as_well()
    {
        var times = new List<TimeSpan>();
        Actions.ScheduleRepeatedly(Ms(1), Ms(333), () => times.Add(_scheduler.MonotonicClock));

        for (var i = 0; i < 3400; i++) _clock.Advance(Ms(1));

        times.Count.ShouldBe(11);
        times.Zip(times.Skip(1), static (one, next) => next - one).ShouldAllBe(interval => interval >= Ms(332) && interval <= Ms(335));
    }

    [Fact]
    public void Who_was_paused_does_not_make_up_for_what_was_missed()
    {
        var paused = new PausedClock(_clock);
        using var scheduler = new CoalescingScheduler(Config.Empty, NoLogger.Instance, paused);
        ((IActionScheduler)scheduler).ScheduleRepeatedly(Ms(1000), Ms(1000), () => _run.Add("tick"));

        paused.Pause(TimeSpan.FromMinutes(1));
        _clock.Advance(Ms(1300));
        _run.ShouldBe(["tick"]);
        _clock.Advance(Ms(2000));

        _run.ShouldBe(["tick", "tick"]);
    }

    [Fact]
    public void What_is_cancelled_or_waits_when_the_scheduler_ends_is_never_run()
    {
        using var cancelled = new Cancelable(Actions);
        Actions.ScheduleOnce(Ms(100), () => _run.Add("cancelled"), cancelled);
        Actions.ScheduleRepeatedly(Ms(100), Ms(100), () => _run.Add("cancelled"), cancelled);
        Actions.ScheduleOnce(Ms(5000), () => _run.Add("ended"));

        cancelled.Cancel();
        _clock.Advance(Ms(1000));
        _scheduler.Dispose();
        _clock.Advance(Ms(10_000));

        _run.ShouldBeEmpty();
        Should.Throw<SchedulerException>(() => Actions.ScheduleOnce(Ms(1), () => _run.Add("late")));
    }

    [Fact]
    public void What_fails_keeps_nothing_else_from_its_turn()
    {
        Actions.ScheduleOnce(Ms(100), () => throw new InvalidOperationException("on purpose"));
        Actions.ScheduleOnce(Ms(100), () => _run.Add("other"));

        _clock.Advance(Ms(200));

        _run.ShouldBe(["other"]);
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Its timestamps go on while its timers stand still, as a process finds it that was stopped.</summary>
    private sealed class PausedClock(TimeProvider inner) : TimeProvider
    {
        private long _missed;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public void Pause(TimeSpan time) => _missed += (long)(time.TotalSeconds * inner.TimestampFrequency);

        public override long GetTimestamp() => inner.GetTimestamp() + _missed;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
    }
}
