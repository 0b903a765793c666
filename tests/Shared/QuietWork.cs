using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace ActorCluster.Tests.Shared;

/// <summary>
/// Runs an actor system and what it starts on the thread pool, and knows when all of it waits: for the clock, or for the test. A test on virtual time that moves the clock on only
/// then has the same course on any machine: nothing times out because its thread got no processor.
/// </summary>
/// <remarks>What awaits something in an actor or a program goes on here, too, because this is its synchronization context.</remarks>
public sealed class QuietWork : SynchronizationContext
{
    /// <summary>For an actor system whose <see cref="Of"/> is to be asked for.</summary>
    public static readonly Config Config = ConfigurationFactory.ParseString($"akka.actor.default-dispatcher.executor = \"{typeof(Configurator).AssemblyQualifiedName}\"");

    private static readonly ConditionalWeakTable<ActorSystem, QuietWork> Systems = [];

    private readonly Lock _lock = new();
    private int _underWay;
    private long _begun;
    private TaskCompletionSource? _quiet;

    private QuietWork()
    {
        Tasks = new Scheduler(this);
        Pipes = new PipesScheduler(this);
    }

    public TaskScheduler Tasks { get; }

    public PipeScheduler Pipes { get; }

    public static QuietWork Of(ActorSystem system) => Systems.GetValue(system, static _ => new QuietWork());

    /// <summary>Completes when nothing is under way any more.</summary>
    /// <exception cref="TimeoutException">There is no end of it.</exception>
    public async Task UntilQuietAsync()
    {
        using var patience = new CancellationTokenSource(PatientTestKit.Patience);
        while (true)
        {
            Task quiet;
            long begun;
            lock (_lock)
            {
                quiet = _underWay == 0 ? Task.CompletedTask : (_quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                begun = _begun;
            }
            try
            {
                await quiet.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{Volatile.Read(ref _underWay)} pieces of work don't end.");
            }
            // The runtime's own hops between a completed task and who awaits it are on the thread pool's queue, before these.
            for (var hop = 0; hop < 3; hop++) await Task.Run(static () => { }, CancellationToken.None);
            lock (_lock)
            {
                if (_underWay == 0 && _begun == begun) return;
            }
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    public override void Post(SendOrPostCallback d, object? state) => Execute(() => d(state));

    private void Execute(Action work)
    {
        lock (_lock)
        {
            _underWay++;
            _begun++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static item => item.Context.Run(item.Work), (Context: this, Work: work), preferLocal: false);
    }

    private void Run(Action work)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            work();
        }
        finally
        {
            SetSynchronizationContext(before);
            TaskCompletionSource? quiet = null;
            lock (_lock)
            {
                if (--_underWay == 0) (quiet, _quiet) = (_quiet, null);
            }
            quiet?.SetResult();
        }
    }

    private sealed class Scheduler(QuietWork work) : TaskScheduler
    {
        protected override void QueueTask(Task task) => work.Execute(() => TryExecuteTask(task));
        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;
        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }

    private sealed class PipesScheduler(QuietWork work) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state) => work.Execute(() => action(state));
    }

    /// <summary>Akka makes it by its name.</summary>
    private sealed class Configurator(Config config, IDispatcherPrerequisites prerequisites) : ExecutorServiceConfigurator(config, prerequisites)
    {
        public override ExecutorService Produce(string id) => new Executor(id, Of(Prerequisites.Settings.System));
    }

    private sealed class Executor(string id, QuietWork work) : ExecutorService(id)
    {
        public override void Execute(IRunnable run) => work.Execute(run.Run);

        public override void Shutdown()
        {
            // The thread pool stays.
        }
    }
}
