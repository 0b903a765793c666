using System.IO.Pipelines;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Contracts.Simulation;

/// <summary>
/// A part of a simulation that can be stopped for a while, as SIGSTOP does with a process: while the gate is closed its timers, tasks and pipes wait, and when it opens they go on in
/// the order in which they would have come. What it takes for the time of day can be wrong. Safe for concurrent use.
/// </summary>
public sealed class SimulationGate
{
    private readonly Lock _lock = new();
    private readonly Queue<Action> _waiting = new();
    private volatile bool _closed;
    private long _skew;

    public SimulationGate(SimulationContext whole) =>
        Context = whole with { Clock = new GatedClock(this, whole.Clock), Tasks = new GatedTasks(this, whole.Tasks), Pipes = new GatedPipes(this, whole.Pipes) };

    /// <summary>The same time, chance and threads, behind the gate.</summary>
    public SimulationContext Context { get; }

    public bool IsClosed => _closed;

    /// <summary>How far its time of day is ahead of the simulation's. Timers and elapsed times are not concerned, as those of a machine aren't whose clock somebody sets.</summary>
    public TimeSpan Skew
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _skew));
        set => Interlocked.Exchange(ref _skew, value.Ticks);
    }

    public void Close() => _closed = true;

    public void Open()
    {
        while (true)
        {
            Action next;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _closed = false;
                    return;
                }
                next = _waiting.Dequeue();
            }
            next();
        }
    }

    private void Pass(Action work)
    {
        if (_closed)
        {
            lock (_lock)
            {
                if (_closed)
                {
                    _waiting.Enqueue(work);
                    return;
                }
            }
        }
        work();
    }

    private sealed class GatedClock(SimulationGate gate, TimeProvider clock) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + gate.Skew;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new GatedTimer(gate, clock, callback, state, dueTime, period);
    }

    private sealed class GatedTimer : ITimer
    {
        private readonly ITimer _timer;
        private volatile bool _disposed;

        public GatedTimer(SimulationGate gate, TimeProvider clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            void Call()
            {
                // Meanwhile it may have been given up.
                if (!_disposed) callback(state);
            }

            _timer = clock.CreateTimer(_ => gate.Pass(Call), null, dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(dueTime, period);

        public void Dispose()
        {
            _disposed = true;
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _disposed = true;
            return _timer.DisposeAsync();
        }
    }

    private sealed class GatedTasks(SimulationGate gate, TaskScheduler tasks) : TaskScheduler
    {
        public override int MaximumConcurrencyLevel => tasks.MaximumConcurrencyLevel;

        protected override void QueueTask(Task task) =>
            gate.Pass(() => Task.Factory.StartNew(() => TryExecuteTask(task), CancellationToken.None, TaskCreationOptions.DenyChildAttach, tasks));

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }

    private sealed class GatedPipes(SimulationGate gate, PipeScheduler pipes) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state) => gate.Pass(() => pipes.Schedule(action, state));
    }
}
