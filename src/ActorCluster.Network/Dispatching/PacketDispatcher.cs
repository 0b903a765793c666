using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace ActorCluster.Network.Dispatching;

/// <summary>Runs the actors that packets pass through, each next one on the thread of the one before (<see cref="MailboxRun"/>).</summary>
public static class PacketDispatcher
{
    private const string Id = "actorcluster-packets";

    /// <summary>For actors that only work on packets: they may never wait, nor call what may.</summary>
    public static Props OnPacketPath(this Props props, ActorSystem system)
    {
        if (!system.Dispatchers.HasDispatcher(Id)) system.Dispatchers.RegisterConfigurator(Id, new Configurator(system.Dispatchers));
        return props.WithDispatcher(Id);
    }

    private sealed class Configurator : MessageDispatcherConfigurator
    {
        private readonly MessageDispatcher _dispatcher;

        public Configurator(Dispatchers dispatchers) : base(dispatchers.DefaultDispatcherConfig, dispatchers.Prerequisites) =>
            _dispatcher = new Dispatcher(this, Id, Config.GetInt("throughput"), null, new ExecutorConfigurator(Config, Prerequisites), Config.GetTimeSpan("shutdown-timeout"));

        public override MessageDispatcher Dispatcher() => _dispatcher;
    }

    private sealed class ExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites) : ExecutorServiceConfigurator(config, prerequisites)
    {
        public override ExecutorService Produce(string id) => LoopSetup.LoopOf(Prerequisites.Settings) is { } loop ? new LoopExecutor(id, loop) : new Executor(id);
    }

    private sealed class Executor(string id) : ExecutorService(id)
    {
        public override void Execute(IRunnable run) => MailboxRun.Add(run);

        public override void Shutdown()
        {
            // The thread pool's threads aren't ours.
        }
    }
}
