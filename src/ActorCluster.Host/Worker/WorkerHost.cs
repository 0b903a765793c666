using System.Net;
using Akka.Actor;
using Akka.Configuration;
using ActorCluster.Contracts.Client.Remote;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Wire;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.State;
using ActorCluster.Network.Links;
using ActorCluster.Network.Tables;

namespace ActorCluster.Host.Worker;

/// <summary>A worker process: nodes, their pods, and the network between them. It needs the control plane to be told anything new, but not to go on.</summary>
public sealed class WorkerHost : IClusterProcess
{
    private readonly ActorSystem _system;
    private readonly RemoteApiClient _api;
    private readonly WorkerServices _services;
    private readonly SimulationContext _simulation;
    private readonly LinkCutKeeper? _cuts;
    private readonly ProcessLog _log;
    private readonly CancellationTokenSource _ended = new();

    private WorkerHost(ActorSystem system, RemoteApiClient api, WorkerServices services, LinkCutKeeper? cuts, WorkerOptions options, SimulationContext simulation, ProcessLog log)
    {
        _system = system;
        _api = api;
        _services = services;
        _cuts = cuts;
        _simulation = simulation;
        _log = log;
        Serving = NodeHeartbeats.AllAsync(api, simulation, options.Nodes, _ended.Token);
    }

    /// <summary>When each node's present life has reported itself Ready.</summary>
    public Task Serving { get; }

    public static WorkerHost Start(WorkerOptions options, SimulationContext simulation, ProcessLog log)
    {
        options.Validate();
        simulation = simulation.ReportingTo(log);
        var config = AkkaConfiguration.Clustered(
            options.Binding, WellKnown.WorkerRole, ClusterFormation.WorkerSeedInterval,
            ConfigurationFactory.ParseString(ContractsSerialization.Config), ConfigurationFactory.ParseString(NetworkSerialization.Config));
        var keeper = options.State is { } folder ? LinkCutKeeper.Start(folder, options.ProcessName, simulation) : null;
        var cuts = keeper?.Cuts ?? new LinkCuts();
        var system = ClusterProcess.CreateSystem(config, log, new LinkCutsSetup(cuts, simulation.Clock));
        var api = new RemoteApiClient(system, simulation, options.ControlPlane.Address);
        var membership = system.ActorOf(MembershipActor.Props(
            options.State is { } state ? new RecordedLiveness(state) : new UnknownLiveness(), simulation.Clock, readProcesses: () => NodeProcesses.ReadAsync(api)), "membership");
        ClusterFormation.JoinAsWorker(system, options.ControlPlane, options.Workers);
        var services = WorkerServices.Start(system, simulation, api, options.Timings, options.ProcessName, options.Nodes, ApiServer, cuts, options.State, options.Outside, options.Zones,
            options.UseProcessReachability ? options.Timings.NodeMonitorGracePeriod : null,
            nodes => nodes with { OutsideListen = options.State is null ? options.ServiceAddress : null, DiskFolder = options.DiskFolder });
        services.NetworkTables.Tell(new Subscribe(membership));
        return new WorkerHost(system, api, services, keeper, options, simulation, log);

        // Cut off from the control plane, its pods are so, too.
        EndPoint? ApiServer() => options.ControlPlane.Address.ToString() is var address && (cuts.LosesSent(address) || cuts.LosesReceived(address)) ? null : api.HttpsEndPoint;
    }

    public Task DrainAsync(CancellationToken cancellationToken) => _services.DrainAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await ClusterProcess.EndAsync(_system, _simulation.Clock, _log);
        await _api.DisposeAsync();
        await _services.DisposeAsync();
        if (_cuts is not null) await _cuts.DisposeAsync();
        _ended.Dispose();
    }
}
