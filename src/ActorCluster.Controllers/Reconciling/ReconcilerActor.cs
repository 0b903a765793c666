using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Event;

namespace ActorCluster.Controllers.Reconciling;

/// <summary>The reconcile loop that every controller shares: a queue of keys, bounded parallelism, retries with backoff, timers.</summary>
/// <remarks>
/// Child of <see cref="ControllersActor"/>. Its queue is rebuilt from the first list after a restart of the process; nothing of it is kept.
/// Reconciles run on the simulation's task scheduler and report back as messages.
/// </remarks>
#pragma warning disable CA1001 // An actor's PostStop is its Dispose.
internal sealed class ReconcilerActor(IReconciler reconciler, SimulationContext simulation) : UntypedActor
#pragma warning restore CA1001
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly WorkQueue _queue = new();
    private readonly DelayQueue _delayed = new();
    private readonly RetryBackoff _backoff = new(reconciler.Retries.First, reconciler.Retries.Longest);
    private readonly CancellationTokenSource _stopping = new();
    private ITimer? _timer;
    private DateTimeOffset? _timerDue;
    private bool _working;

    public static Props Props(IReconciler reconciler, SimulationContext simulation) =>
        Akka.Actor.Props.Create(() => new ReconcilerActor(reconciler, simulation));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EnqueueKey enqueue: OnEnqueue(enqueue.Key); break;
            case EnqueueKeyAfter later: OnEnqueueAfter(later.Key, later.Delay); break;
            case KeyReconciled reconciled: OnReconciled(reconciled); break;
            case DelayElapsed: OnDelayElapsed(); break;
            case BeginReconciling: OnBegin(); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _timer?.Dispose();
    }

    private void OnBegin()
    {
        _working = true;
        StartWork();
    }

    private void OnEnqueue(string key)
    {
        _queue.Add(key);
        StartWork();
    }

    private void OnEnqueueAfter(string key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            OnEnqueue(key);
            return;
        }

        _delayed.Add(key, simulation.Clock.GetUtcNow() + delay);
        SetTimer();
    }

    private void OnDelayElapsed()
    {
        _timerDue = null;
        foreach (var key in _delayed.TakeDue(simulation.Clock.GetUtcNow())) _queue.Add(key);
        SetTimer();
        StartWork();
    }

    private void OnReconciled(KeyReconciled reconciled)
    {
        _queue.Done(reconciled.Key);
        if (reconciled.Failure is { } failure)
        {
            var delay = _backoff.Next(reconciled.Key);
            LogFailure(reconciled.Key, failure, delay);
            OnEnqueueAfter(reconciled.Key, delay);
        }
        else
        {
            _backoff.Forget(reconciled.Key);
            if (reconciled.Result.RequeueAfter is { } after) OnEnqueueAfter(reconciled.Key, after);
        }

        StartWork();
    }

    private void StartWork()
    {
        while (_working && _queue.Processing < reconciler.Parallelism && _queue.TryTake(out var key))
            Run(key).PipeTo(Self, useConfigureAwait: true);
    }

    private async Task<KeyReconciled> Run(string key)
    {
        var cancellation = _stopping.Token;
        try
        {
            var result = ReconcileResult.Done;
            await simulation.Start(async () => result = await reconciler.ReconcileAsync(key, cancellation));
            return new KeyReconciled(key, result, null);
        }
        catch (Exception failure)
        {
            // Whatever went wrong with one key becomes a message: the actor logs it and tries again.
            return new KeyReconciled(key, default, failure);
        }
    }

    private void LogFailure(string key, Exception failure, TimeSpan delay)
    {
        switch (failure)
        {
            // Someone else was faster, or the store was busy: nothing to tell anyone about, the next look is at fresh state.
            case ApiStatusException { Code: 409 }:
            case OperationCanceledException:
                _log.Debug("ReconcileRetried controller={0} key={1} delay={2} reason={3}", reconciler.Name, key, delay, failure.Message);
                break;
            case ApiUnavailableException:
                _log.Info("ReconcileDelayed controller={0} key={1} delay={2} reason={3}", reconciler.Name, key, delay, failure.Message);
                break;
            default:
                _log.Warning(failure, "ReconcileFailed controller={0} key={1} delay={2} failures={3}", reconciler.Name, key, delay, _backoff.Failures(key));
                break;
        }
    }

    private void SetTimer()
    {
        if (_delayed.NextDue() is not { } due || due == _timerDue) return;
        _timer?.Dispose();
        _timerDue = due;
        var self = Self;
        var wait = due - simulation.Clock.GetUtcNow();
        // Timers count whole milliseconds: rounded up, so that the key is due when it fires.
        wait = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds)));
        _timer = simulation.Clock.CreateTimer(_ => self.Tell(DelayElapsed.Instance), null, wait, Timeout.InfiniteTimeSpan);
    }
}
