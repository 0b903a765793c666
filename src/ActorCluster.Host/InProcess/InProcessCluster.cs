using Akka.Actor;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;

namespace ActorCluster.Host.InProcess;

/// <summary>A whole cluster in one process and one ActorSystem: for `up --in-process`, and for tests.</summary>
public sealed class InProcessCluster : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly SimulationContext _simulation;
    private readonly ProcessLog _log;

    private InProcessCluster(ActorSystem system, InProcessOptions options, SimulationContext simulation, ProcessLog log)
    {
        _system = system;
        _simulation = simulation;
        _log = log;
        NodeNames = options.Nodes;
    }

    public IReadOnlyList<string> NodeNames { get; }

    /// <summary>Starts the cluster. Its nodes become Ready a little later.</summary>
    public static async Task<InProcessCluster> StartAsync(
        InProcessOptions options, SimulationContext simulation, ProcessLog log, CancellationToken cancellationToken)
    {
        options.Validate();
        simulation = simulation.ReportingTo(log);
        var system = ClusterProcess.CreateSystem(AkkaConfiguration.Local(), log);
        await Task.CompletedTask;
        return new InProcessCluster(system, options, simulation, log);
    }

    public async ValueTask DisposeAsync() => await ClusterProcess.EndAsync(_system, _simulation.Clock, _log);
}
