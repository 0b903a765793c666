using Akka.Actor;
using Akka.Configuration;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Wire;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.ControlPlane;

/// <summary>The control-plane process: the store, the API server over HTTPS and over messages, the controllers.</summary>
public sealed class ControlPlaneHost : IClusterProcess
{
    private readonly ActorSystem _system;
    private readonly ControlPlaneServices _services;
    private readonly ApiFace _face;
    private readonly SimulationContext _simulation;
    private readonly LinkCutKeeper? _cuts;
    private readonly ProcessLog _log;

    private ControlPlaneHost(ActorSystem system, ControlPlaneServices services, ApiFace face, LinkCutKeeper? cuts, SimulationContext simulation, ProcessLog log)
    {
        _cuts = cuts;
        _system = system;
        _services = services;
        _face = face;
        _simulation = simulation;
        _log = log;
    }

    /// <summary>At once: when a control plane has started, its API answers.</summary>
    public Task Serving => Task.CompletedTask;

    public static async Task<ControlPlaneHost> StartAsync(
        ControlPlaneOptions options, SimulationContext simulation, ProcessLog log, CancellationToken cancellationToken)
    {
        options.Validate();
        if (options.CompleteFile is { } old) File.Delete(old);
        simulation = simulation.ReportingTo(log);
        var config = AkkaConfiguration.Clustered(
            options.Binding, WellKnown.ControlPlaneRole, ClusterFormation.ControlPlaneSeedTimeout, ConfigurationFactory.ParseString(ContractsSerialization.Config));
        var keeper = options.State is { } folder ? LinkCutKeeper.Start(folder, options.ProcessName, simulation) : null;
        var system = ClusterProcess.CreateSystem(config, log, new LinkCutsSetup(keeper?.Cuts ?? new LinkCuts(), simulation.Clock));
        try
        {
            var memory = options is { State: null, DataFolder: { } kept } ? new RememberedWorkers(kept) : null;
            IReadOnlyList<ProcessEndpoint> workers = options.NewCluster ? [] : [.. options.Workers.Union(memory?.Read() ?? [])];
            system.ActorOf(MembershipActor.Props(options.State is { } state ? new RecordedLiveness(state) : new UnknownLiveness(), simulation.Clock, memory), "membership");
            await ClusterFormation.JoinAsControlPlaneAsync(system, workers, simulation, cancellationToken);
            var certificates = ClusterCertificates.LoadOrCreate(options.PkiFolder, simulation.Clock);
            var services = await ControlPlaneServices.StartAsync(
                system, simulation, options.Settings, options.DataFolder, certificates.Authority.ExportCertificatePem(),
                ServiceAccountKey.LoadOrCreate(options.PkiFolder), options.AwaitNodes, cancellationToken);
            var face = await ApiFace.StartAsync(
                system, simulation, services, certificates,
                new ApiFaceOptions(options.ClusterName, options.ApiAddress, options.ApiPort, options.ApiHost, options.Kubeconfig), log, cancellationToken);
            var host = new ControlPlaneHost(system, services, face, keeper, simulation, log);
            if (options.CompleteFile is { } file) _ = simulation.Start(() => host.TellCompletionAsync(file, options.ProcessName));
            return host;
        }
        catch
        {
            await ClusterProcess.EndAsync(system, simulation.Clock, log);
            if (keeper is not null) await keeper.DisposeAsync();
            throw;
        }
    }

    private async Task TellCompletionAsync(string file, string process)
    {
        if (!await _services.AddOnsInstalled) return;
        try
        {
            await File.WriteAllTextAsync(file, process + "\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _simulation.ReportFault($"writing {file}", fault);
        }
    }

    public Task DrainAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _face.DisposeAsync();
        await ClusterProcess.EndAsync(_system, _simulation.Clock, _log);
        await _services.DisposeAsync();
        if (_cuts is not null) await _cuts.DisposeAsync();
    }
}
