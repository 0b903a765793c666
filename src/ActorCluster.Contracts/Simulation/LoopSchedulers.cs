using System.IO.Pipelines;

namespace ActorCluster.Contracts.Simulation;

/// <summary>Tasks are pieces of a loop's work.</summary>
internal sealed class LoopTasks : TaskScheduler
{
    private readonly SimulationLoop _loop;
    private readonly SendOrPostCallback _execute;

    public LoopTasks(SimulationLoop loop) => (_loop, _execute) = (loop, task => TryExecuteTask((Task)task!));

    public override int MaximumConcurrencyLevel => 1;

    protected override void QueueTask(Task task) => _loop.Add(new SimulationLoop.Work(_execute, task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => SimulationLoop.OfThisThread == _loop && !taskWasPreviouslyQueued && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}

/// <summary>What readers and writers of pipes go on with are pieces of a loop's work.</summary>
internal sealed class LoopPipes(SimulationLoop loop) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) =>
        loop.Add(new SimulationLoop.Work(static call =>
        {
            var (callback, argument) = ((Action<object?>, object?))call!;
            callback(argument);
        }, (action, state), IsBare: true));
}
