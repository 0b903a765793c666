using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Actor.Setup;
using Akka.Configuration;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using DotNetty.Common.Internal.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorCluster.Host;

/// <summary>What all the hosts do about their ActorSystem.</summary>
internal static class ClusterProcess
{
    private static readonly TimeSpan ShutdownBound = TimeSpan.FromSeconds(4);

    /// <param name="transport">From whom it is cut off; null where there is nobody else.</param>
    /// <param name="loop">What it runs on, and who calls; null: the thread pool.</param>
    public static ActorSystem CreateSystem(Config config, ProcessLog log, LinkCutsSetup? transport = null, SimulationLoop? loop = null)
    {
        if (loop is not null) config = LoopSetup.Config.WithFallback(config);
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new ProcessLogSetup(log));
        if (loop is not null) setup = setup.And(new LoopSetup(loop));
        if (transport is not null)
        {
            setup = setup.And(transport);
            // DotNetty would make a factory without providers, which tells as little and has more to load.
            InternalLoggerFactory.DefaultFactory = NullLoggerFactory.Instance;
        }

        // As ActorSystem.Create does it, which first looks for a configuration in the program's app.config, whether or not it was given one: four hundred methods to compile for nothing.
        var system = new ActorSystemImpl(WellKnown.ActorSystemName, config.WithFallback(ConfigurationFactory.Default()), setup);
        system.Start();
        if (loop is not null) AkkaLogActor.Start((ExtendedActorSystem)system);
        if (transport is not null) transport.Cuts.Changed += () => system.EventStream.Publish(new LinkCutsChanged());
        return system;
    }

    /// <summary>Where faults without a supervisor go: to the process's log.</summary>
    public static SimulationContext ReportingTo(this SimulationContext simulation, ProcessLog log) =>
        simulation with { ReportFault = (doing, fault) => log.Error("Fault", doing, fault) };

    /// <summary>
    /// Leaves the Akka cluster and ends the system; if the others don't answer soon, without their leave.
    /// </summary>
    public static async Task EndAsync(ActorSystem system, TimeProvider clock, ProcessLog log)
    {
        try
        {
            await system.Terminate().WaitAsync(ShutdownBound, clock);
        }
        catch (TimeoutException)
        {
            log.Warning("Process", $"The actor system did not end within {ShutdownBound.TotalSeconds} s; the process ends without it");
        }
    }
}
