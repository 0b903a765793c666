using System.IO.Pipelines;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Contracts.Simulation;

/// <summary>
/// One thread on which a whole cluster runs: all dispatchers of its actor system, its tasks, what awaits in them, its pipes and its timers, one piece of work after another in the
/// order in which they came. With its <see cref="VirtualClock"/> and one seed a run is the same each time: time passes only when nothing is left to do, and only while somebody waits
/// for it.
/// </summary>
/// <remarks>
/// Libraries leave the thread for the pool now and then. Before the loop takes its next piece of work it waits until the pool is calm (<see cref="PoolCalm"/>), so that what comes
/// back has its place in the order. Safe for concurrent use.
/// </remarks>
public sealed class SimulationLoop : SynchronizationContext, IDisposable
{
    [ThreadStatic] private static SimulationLoop? t_current;

    private static readonly SendOrPostCallback Timer = static timer => ((Action)timer!)();

    private readonly Queue<Work> _queue = new();
    private readonly Lock _lock = new();
    private readonly PoolCalm _pool = new();
    private readonly Thread _thread;
    private readonly Action<Exception> _onFault;
    private readonly Queue<Action> _over = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly LoopTasks _tasks;
    private readonly LoopPipes _pipes;
    private List<Work> _arrived = [];
    private List<Work> _taking = [];
    private volatile bool _hasArrived;
    private bool _idle;
    private bool _ending;
    private bool _ended;
    private int _waiting;
    private int _advancing;
    private int _pauses;
    private long _done;

    /// <param name="name">Of the thread.</param>
    /// <param name="start">What time it is at first.</param>
    /// <param name="onFault">Told of what a piece of work threw; nothing else comes of it.</param>
    public SimulationLoop(string name, DateTimeOffset start, Action<Exception> onFault)
    {
        _onFault = onFault;
        _tasks = new LoopTasks(this);
        _pipes = new LoopPipes(this);
        Clock = new VirtualClock(start, Wake);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.UnsafeStart();
    }

    /// <summary>The loop that runs the calling code; null outside of any.</summary>
    public static SimulationLoop? OfThisThread => t_current;

    public VirtualClock Clock { get; }

    public TaskScheduler Tasks => _tasks;

    public PipeScheduler Pipes => _pipes;

    /// <summary>How many pieces of work are done.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>After how many of them the thread pool had something left to do.</summary>
    public long PoolWaits => _pool.Waits;

    /// <summary>Time stands still, whoever waits for it, but for <see cref="AdvanceAsync"/>.</summary>
    public bool IsPaused => Volatile.Read(ref _pauses) > 0;

    /// <summary>A context whose time, chance and continuations are this loop's.</summary>
    public SimulationContext Context(int seed) => new(Clock, new RandomSource(seed), Tasks, Pipes) { Loop = this };

    /// <summary>
    /// Does something on the loop. While it isn't done, time passes whenever nothing else is left to do. Its end is told when the loop is quiet again: so what a test does next
    /// always meets the same state.
    /// </summary>
    /// <remarks>From the loop itself it is begun at once, and its end told at once.</remarks>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => RunAsync(work, Passing.Usual);

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>As <see cref="RunAsync{T}(Func{Task{T}})"/>, but no time passes for it: it is part of something that somebody waits for, or goes on when nobody does any more.</summary>
    public Task<T> JoinAsync<T>(Func<Task<T>> work) => RunAsync(work, Passing.None);

    /// <summary>Lets that much time pass, step by step: at each moment at which something is due, all is done that there is to do. Returns when that is so at the last moment, too.</summary>
    public Task AdvanceAsync(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return RunAsync(
            async () =>
            {
                var there = new TaskCompletionSource();
                using var timer = Clock.CreateLast(there.SetResult, time);
                await there.Task;
                return true;
            },
            Passing.Explicit);
    }

    /// <summary>Completes when nothing is left to do; no time passes for it.</summary>
    public Task QuietAsync()
    {
        if (t_current == this)
        {
            var next = new TaskCompletionSource();
            _over.Enqueue(next.SetResult);
            return next.Task;
        }
        var quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => _over.Enqueue(quiet.SetResult), null);
        return quiet.Task;
    }

    /// <summary>Does something on the loop and waits, holding the thread, until that is done and nothing is left to do. No time passes.</summary>
    public T Do<T>(Func<T> work)
    {
        if (t_current == this) return work();
        var result = new TaskCompletionSource<T>();
        Post(
            _ =>
            {
                try
                {
                    var value = work();
                    _over.Enqueue(() => result.SetResult(value));
                }
                catch (Exception fault)
                {
                    _over.Enqueue(() => result.SetException(fault));
                }
            },
            null);
        return Hold(result.Task);
    }

    /// <summary>As <see cref="RunAsync{T}(Func{Task{T}})"/>, holding the thread until its end.</summary>
    /// <exception cref="InvalidOperationException">The thread is the loop's own, which would wait for itself.</exception>
    public T RunAndWait<T>(Func<Task<T>> work) =>
        t_current == this ? throw new InvalidOperationException("The loop can't wait for itself: await the asynchronous form here.") : Hold(RunAsync(work));

    private static T Hold<T>(Task<T> task)
    {
        // A thread of the pool that waits here is not at work.
        var held = Thread.CurrentThread.IsThreadPoolThread;
        if (held) PoolCalm.Hold();
        try
        {
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            if (held) PoolCalm.Release();
        }
    }

    /// <summary>Time stands still until the handle is disposed of. Pauses nest.</summary>
    public IDisposable Pause()
    {
        Interlocked.Increment(ref _pauses);
        return new Handle(() =>
        {
            Interlocked.Decrement(ref _pauses);
            Wake();
        });
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Queues a piece of work.</summary>
    public override void Post(SendOrPostCallback d, object? state) => Add(new Work(d, state));

    public override void Send(SendOrPostCallback d, object? state) => Do(() =>
    {
        d(state);
        return true;
    });

    /// <summary>Does what is left to do without time passing, and ends the thread. What comes later goes to the thread pool.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_ending) return;
            _ending = true;
        }
        Wake();
        if (t_current == this) return;
        _thread.Join();
        _signal.Dispose();
    }

    private Task<T> RunAsync<T>(Func<Task<T>> work, Passing passing)
    {
        if (t_current == this) return Watched(work, passing);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(
            async _ =>
            {
                try
                {
                    var result = await Watched(work, passing);
                    _over.Enqueue(() => done.SetResult(result));
                }
                catch (OperationCanceledException cancelled)
                {
                    _over.Enqueue(() => done.TrySetCanceled(cancelled.CancellationToken));
                }
                catch (Exception fault)
                {
                    _over.Enqueue(() => done.SetException(fault));
                }
            },
            null);
        return done.Task;
    }

    private async Task<T> Watched<T>(Func<Task<T>> work, Passing passing)
    {
        Count(passing, 1);
        try
        {
            return await work();
        }
        finally
        {
            Count(passing, -1);
        }
    }

    private void Count(Passing passing, int change)
    {
        if (passing == Passing.Explicit) _advancing += change;
        else if (passing == Passing.Usual) _waiting += change;
    }

    internal void Add(Work work)
    {
        if (t_current == this)
        {
            _queue.Enqueue(work);
            return;
        }
        lock (_lock)
        {
            if (!_ended)
            {
                _arrived.Add(work);
                _hasArrived = true;
                Signal();
                return;
            }
        }
        ThreadPool.UnsafeQueueUserWorkItem(static late => late.Callback(late.State), work, preferLocal: false);
    }

    private void Wake()
    {
        if (t_current == this) return;
        lock (_lock) Signal();
    }

    /// <summary>Under the lock.</summary>
    private void Signal()
    {
        if (!_idle) return;
        _idle = false;
        _signal.Release();
    }

    private void Run()
    {
        t_current = this;
        SetSynchronizationContext(this);
        var context = ExecutionContext.Capture()!;
        while (true)
        {
            if (_queue.TryDequeue(out var work)) Do(work, context);
            else if (TakeArrived()) continue;
            else if (Clock.TakeNext(mayStep: false) is { } due) Do(new Work(Timer, due, IsBare: true), context);
            else if (TellOver()) continue;
            else if (!_ending && MayStep && Clock.TakeNext(mayStep: true) is { } next) Do(new Work(Timer, next, IsBare: true), context);
            else if (!WaitForMore()) break;
        }
        t_current = null;
    }

    private bool MayStep => _advancing > 0 || (_waiting > 0 && !IsPaused);

    private void Do(Work work, ExecutionContext context)
    {
        if (work.IsBare) SetSynchronizationContext(null);
        try
        {
            work.Callback(work.State);
        }
#pragma warning disable CA1031 // As on the thread pool it has no caller; here it is told instead of ending the process.
        catch (Exception fault)
        {
            _onFault(fault);
        }
#pragma warning restore CA1031
        ExecutionContext.Restore(context);
        SetSynchronizationContext(this);
        Volatile.Write(ref _done, _done + 1);
        _pool.Wait();
        TakeArrived();
    }

    private bool TakeArrived()
    {
        if (!_hasArrived) return false;
        lock (_lock)
        {
            _hasArrived = false;
            (_arrived, _taking) = (_taking, _arrived);
        }
        foreach (var work in _taking) _queue.Enqueue(work);
        _taking.Clear();
        return true;
    }

    /// <summary>The loop is quiet: who waits for the end of something that is over is told. One at a time: what two of them went on with would race on the pool.</summary>
    private bool TellOver()
    {
        if (!_over.TryDequeue(out var tell)) return false;
        tell();
        if (_over.Count > 0) _pool.Wait();
        return true;
    }

    /// <returns>False: there will be none.</returns>
    private bool WaitForMore()
    {
        lock (_lock)
        {
            if (_arrived.Count > 0) return true;
            if (_ending)
            {
                _ended = true;
                return false;
            }
            _idle = true;
        }
        _signal.Wait();
        return true;
    }

    /// <summary>One piece of work.</summary>
    /// <param name="IsBare">Without the synchronization context: what it completes goes on at once, where a library wants no context, instead of after a hop to the thread pool.</param>
    internal readonly record struct Work(SendOrPostCallback Callback, object? State, bool IsBare = false);

    /// <summary>What a piece of work that isn't done has to do with time.</summary>
    private enum Passing
    {
        None,

        /// <summary>Time passes, unless it is paused.</summary>
        Usual,

        /// <summary>Time passes.</summary>
        Explicit,
    }

    private sealed class Handle(Action onDispose) : IDisposable
    {
        private Action? _onDispose = onDispose;

        public void Dispose() => Interlocked.Exchange(ref _onDispose, null)?.Invoke();
    }
}
