using Akka.Actor;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Worker;

/// <summary>A worker process: nodes, their pods, and the network between them. It needs the control plane to be told anything new, but not to go on.</summary>
public sealed class WorkerHost : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly SimulationContext _simulation;
    private readonly ProcessLog _log;

    private WorkerHost(ActorSystem system, SimulationContext simulation, ProcessLog log)
    {
        _system = system;
        _simulation = simulation;
        _log = log;
    }

    public static async Task<WorkerHost> StartAsync(WorkerOptions options, SimulationContext simulation, ProcessLog log, CancellationToken cancellationToken)
    {
        options.Validate();
        simulation = simulation.ReportingTo(log);
        var config = AkkaConfiguration.Clustered(options.Binding, WellKnown.WorkerRole, ClusterFormation.WorkerSeedInterval);
        var system = ClusterProcess.CreateSystem(config, log);
        system.ActorOf(MembershipActor.Props(options.State is { } state ? new RecordedLiveness(state) : new UnknownLiveness()), "membership");
        ClusterFormation.JoinAsWorker(system, options.ControlPlane, options.Workers);
        await Task.CompletedTask;
        return new WorkerHost(system, simulation, log);
    }

    public async ValueTask DisposeAsync() => await ClusterProcess.EndAsync(_system, _simulation.Clock, _log);
}
