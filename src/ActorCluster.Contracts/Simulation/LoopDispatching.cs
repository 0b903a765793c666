using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;

namespace ActorCluster.Contracts.Simulation;

/// <summary>Has an actor system run on a loop: its mailboxes, whatever dispatcher they belong to, and its scheduler.</summary>
public sealed class LoopSetup(SimulationLoop loop) : Setup
{
    private static readonly string Executor = $"\"{typeof(LoopExecutorConfigurator).AssemblyQualifiedName}\"";

    public SimulationLoop Loop { get; } = loop;

    /// <summary>
    /// What the system's configuration must begin with. A mailbox runs for one message, so that what two of them have sent to the thread pool is never there at the same time, where it
    /// would race. It names no loggers, since Akka would wait for them, holding the loop that they need.</summary>
    public static Config Config { get; } = ConfigurationFactory.ParseString($$"""
        akka {
          scheduler.implementation = "{{typeof(LoopScheduler).AssemblyQualifiedName}}"
          loggers = []
          actor {
            default-dispatcher { executor = {{Executor}}, throughput = 1 }
            internal-dispatcher { executor = {{Executor}}, throughput = 1 }
            default-blocking-io-dispatcher { executor = {{Executor}}, throughput = 1 }
          }
        }
        """);

    /// <summary>The loop that a system runs on; null: the thread pool.</summary>
    public static SimulationLoop? LoopOf(Settings settings) => settings.Setup.Get<LoopSetup>() is { HasValue: true } setup ? setup.Value.Loop : null;
}

/// <summary>Mailboxes are pieces of a loop's work.</summary>
public sealed class LoopExecutor(string id, SimulationLoop loop) : ExecutorService(id)
{
    private static readonly SendOrPostCallback Mailbox = static run => ((IRunnable)run!).Run();

    public override void Execute(IRunnable run) => loop.Add(new SimulationLoop.Work(Mailbox, run));

    public override void Shutdown()
    {
        // The loop belongs to who made it.
    }
}

/// <summary>Akka makes it by its name.</summary>
internal sealed class LoopExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites) : ExecutorServiceConfigurator(config, prerequisites)
{
    public override ExecutorService Produce(string id) =>
        new LoopExecutor(id, LoopSetup.LoopOf(Prerequisites.Settings) ?? throw new InvalidOperationException("The actor system has a loop's configuration, but no loop."));
}
