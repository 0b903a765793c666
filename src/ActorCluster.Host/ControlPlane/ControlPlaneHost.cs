using Akka.Actor;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.State;

namespace ActorCluster.Host.ControlPlane;

/// <summary>The control-plane process: the store, the API server over HTTPS and over messages, the controllers.</summary>
public sealed class ControlPlaneHost : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly SimulationContext _simulation;
    private readonly ProcessLog _log;

    private ControlPlaneHost(ActorSystem system, SimulationContext simulation, ProcessLog log)
    {
        _system = system;
        _simulation = simulation;
        _log = log;
    }

    public static async Task<ControlPlaneHost> StartAsync(
        ControlPlaneOptions options, SimulationContext simulation, ProcessLog log, CancellationToken cancellationToken)
    {
        options.Validate();
        simulation = simulation.ReportingTo(log);
        var config = AkkaConfiguration.Clustered(options.Binding, WellKnown.ControlPlaneRole, ClusterFormation.ControlPlaneSeedTimeout);
        var system = ClusterProcess.CreateSystem(config, log);
        system.ActorOf(MembershipActor.Props(options.State is { } state ? new RecordedLiveness(state) : new UnknownLiveness()), "membership");
        await ClusterFormation.JoinAsControlPlaneAsync(system, options.NewCluster ? [] : options.Workers, simulation, cancellationToken);
        return new ControlPlaneHost(system, simulation, log);
    }

    public async ValueTask DisposeAsync() => await ClusterProcess.EndAsync(_system, _simulation.Clock, _log);
}
