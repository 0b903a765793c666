using Akka.Actor;
using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.Worker;

namespace ActorCluster.Host.InProcess;

/// <summary>A whole cluster in one process and one ActorSystem: for `up --in-process`, and for tests.</summary>
public sealed class InProcessCluster : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly ControlPlaneServices _controlPlane;
    private readonly WorkerServices _workers;
    private readonly SimulationContext _simulation;
    private readonly ProcessLog _log;

    private InProcessCluster(
        ActorSystem system, ControlPlaneServices controlPlane, WorkerServices workers, IReadOnlyList<string> nodes, SimulationContext simulation, ProcessLog log)
    {
        _system = system;
        _controlPlane = controlPlane;
        _workers = workers;
        _simulation = simulation;
        _log = log;
        NodeNames = nodes;
    }

    public IReadOnlyList<string> NodeNames { get; }

    /// <summary>The API, without HTTP.</summary>
    public IApiClient Api => _controlPlane.Api;

    /// <summary>What the API serves.</summary>
    public ResourceRegistry Resources => _controlPlane.Api.Registry;

    /// <summary>Starts the cluster. Its nodes become Ready a little later.</summary>
    public static async Task<InProcessCluster> StartAsync(
        InProcessOptions options, SimulationContext simulation, ProcessLog log, CancellationToken cancellationToken)
    {
        options.Validate();
        simulation = simulation.ReportingTo(log);
        var system = ClusterProcess.CreateSystem(AkkaConfiguration.Local(), log);
        try
        {
            var controlPlane = await ControlPlaneServices.StartAsync(system, simulation, options.Settings, options.DataFolder, "", cancellationToken);
            var workers = WorkerServices.Start(system, simulation, controlPlane.Api, options.Settings.Timings, "in-process", options.Nodes);
            return new InProcessCluster(system, controlPlane, workers, options.Nodes, simulation, log);
        }
        catch
        {
            await ClusterProcess.EndAsync(system, simulation.Clock, log);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ClusterProcess.EndAsync(_system, _simulation.Clock, _log);
        await _workers.DisposeAsync();
        await _controlPlane.DisposeAsync();
    }
}
