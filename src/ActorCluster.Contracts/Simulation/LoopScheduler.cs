using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace ActorCluster.Contracts.Simulation;

/// <summary>Akka's scheduler on a loop's clock. Akka makes it by its name, on the thread of the loop.</summary>
public sealed class LoopScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider
{
    private readonly VirtualClock _clock;

    /// <exception cref="InvalidOperationException">Not on a loop's thread.</exception>
    public LoopScheduler(Config scheduler, ILoggingAdapter log) : base(scheduler, log) =>
        _clock = SimulationLoop.OfThisThread?.Clock ?? throw new InvalidOperationException("An actor system on a loop's time must be made on that loop.");

    public override TimeSpan MonotonicClock => _clock.Elapsed;

    public override TimeSpan HighResMonotonicClock => _clock.Elapsed;

    protected override DateTimeOffset TimeNow => _clock.GetUtcNow();

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Start(() => receiver.Tell(message, sender), delay, Timeout.InfiniteTimeSpan, cancelable);

    protected override void InternalScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Start(() => receiver.Tell(message, sender), initialDelay, interval, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Start(action, delay, Timeout.InfiniteTimeSpan, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Start(action.Run, delay, Timeout.InfiniteTimeSpan, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) => Start(action, initialDelay, interval, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Start(action.Run, initialDelay, interval, cancelable);

    private void Start(Action action, TimeSpan delay, TimeSpan interval, ICancelable? cancelable)
    {
        if (cancelable is { IsCancellationRequested: true }) return;
        var timer = _clock.CreateTimer(
            _ =>
            {
                if (cancelable is not { IsCancellationRequested: true }) action();
            },
            null, delay > TimeSpan.Zero ? delay : TimeSpan.Zero, interval);
        cancelable?.Token.UnsafeRegister(static state => ((ITimer)state!).Dispose(), timer);
    }
}
