using System.IO.Pipelines;
using ActorCluster.Contracts.Simulation;

namespace ActorCluster.Contracts.Runtime;

/// <summary>
/// Time, chance and where continuations run: everything that would make two runs differ comes through here, so that a test can
/// put all of it on one virtual clock and one seed. Nothing else in src/ reads the clock, sleeps, or makes random numbers.
/// </summary>
/// <param name="Clock">Drives every wait (Task.Delay(time, Clock), timers) and every timestamp.</param>
/// <param name="Random">The seeded source; take a child of it by name, so that components don't disturb one another's sequences.</param>
/// <param name="Tasks">Where emulated programs run.</param>
/// <param name="Pipes">Where readers and writers of emulated sockets and pipes go on.</param>
public sealed record SimulationContext(TimeProvider Clock, RandomSource Random, TaskScheduler Tasks, PipeScheduler Pipes)
{
    /// <summary>
    /// Where code without a supervisor (background loops, event handlers) says what went wrong: what was being done, and the exception.
    /// The host sends it to its log; the default is standard error, so that nothing is ever lost silently.
    /// </summary>
    public Action<string, Exception> ReportFault { get; init; } =
        static (doing, fault) => Console.Error.WriteLine($"[fault] {doing}: {fault}");

    /// <summary>The loop that all of it is of; null: it is not of one loop, as in real time.</summary>
    public SimulationLoop? Loop { get; init; }

    /// <summary>Starts an asynchronous loop on <see cref="Tasks"/>; all its continuations stay there.</summary>
    public Task Start(Func<Task> loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Tasks).Unwrap();

    /// <summary>The same for work that has a result.</summary>
    public Task<T> Start<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Tasks).Unwrap();

    /// <summary>Real time and the thread pool. The seed is still one number, printed at start-up.</summary>
    public static SimulationContext RealTime(int seed) => new(TimeProvider.System, new RandomSource(seed), TaskScheduler.Default, MailboxRun.Programs);
}
