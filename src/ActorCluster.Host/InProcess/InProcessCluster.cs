using System.Net;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Contracts.Simulation;
using Akka.Actor;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.Worker;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorCluster.Host.InProcess;

/// <summary>A whole cluster in one process and one ActorSystem: for `up --in-process`, and for tests.</summary>
public sealed class InProcessCluster : IAsyncDisposable
{
    private const string Loopback = "127.0.0.1";
    private readonly ActorSystem _system;
    private readonly ControlPlaneServices _controlPlane;
    private readonly WorkerServices _workers;
    private readonly ClusterCertificates _certificates;
    private readonly CancellationTokenSource _ending = new();
    private readonly ApiFace? _face;
    private readonly SimulationContext _simulation;
    private readonly ProcessLog _log;

    private InProcessCluster(
        ActorSystem system, ControlPlaneServices controlPlane, WorkerServices workers, ClusterCertificates certificates, ApiFace? face, IReadOnlyList<string> nodes, SimulationContext simulation, ProcessLog log)
    {
        _system = system;
        _controlPlane = controlPlane;
        _workers = workers;
        _certificates = certificates;
        _face = face;
        _simulation = simulation;
        _log = log;
        NodeNames = nodes;
        Streams = new ContainerStreamConnector(system, simulation, controlPlane.ProcessAddressOf);
        Requests = ApiServerHost.HandlerOf(
            new ApiServerOptions { Pipeline = controlPlane.Api, Certificates = certificates, Streams = Streams, Simulation = simulation, Logging = NullLoggerFactory.Instance }, _ending.Token);
    }

    public IReadOnlyList<string> NodeNames { get; }

    /// <summary>Where the API listens for kubectl; null if it isn't wanted there.</summary>
    public Uri? ApiAddress => _face?.Address;

    /// <summary>The API, without HTTP.</summary>
    public IApiClient Api => _controlPlane.Api;

    /// <summary>What the API serves.</summary>
    public ResourceRegistry Resources => _controlPlane.Api.Registry;

    /// <summary>The images that there are.</summary>
    public ContainerRuntime Images => _workers.Images;

    /// <summary>Logs, exec and the like of its pods; traces of its nodes' networks.</summary>
    public IContainerStreamConnector Streams { get; }

    /// <summary>Answers requests of the Kubernetes API without a connection: see <see cref="ApiServerHost.HandlerOf"/>.</summary>
    public RequestDelegate Requests { get; }

    /// <summary>Of the cluster's admin, with its private key.</summary>
    public X509Certificate2 AdminCertificate => _certificates.Admin;

    /// <summary>Takes the messages of <c>NodesProtocol.cs</c>: what can be done with the nodes from outside.</summary>
    public IActorRef Nodes => _workers.Nodes;

    /// <summary>Takes <c>InstallFault</c> and <c>RemoveFault</c>: the tables that all its nodes go by.</summary>
    public IActorRef NetworkTables => _workers.NetworkTables;

    /// <summary>Ends the control plane as if its process were killed: nodes reach no API, and the controllers forget. <see cref="Api"/> and HTTPS still answer who looks from outside.</summary>
    public Task KillControlPlaneAsync() => _controlPlane.KillAsync();

    /// <summary>Starts the control plane again after <see cref="KillControlPlaneAsync"/>.</summary>
    public void StartControlPlane() => _controlPlane.Restart();

    /// <summary>The actor system that all of it runs in.</summary>
    public ActorSystem System => _system;

    /// <summary>The kubeconfig that leads to <see cref="ApiAddress"/>; null if the API listens nowhere.</summary>
    public string? Kubeconfig => _face?.Kubeconfig;

    /// <summary>Starts the cluster. Its nodes become Ready a little later.</summary>
    public static async Task<InProcessCluster> StartAsync(
        InProcessOptions options, SimulationContext simulation, ProcessLog log, CancellationToken cancellationToken)
    {
        options.Validate();
        simulation = simulation.ReportingTo(log);
        var system = ClusterProcess.CreateSystem(AkkaConfiguration.Local(), log, loop: simulation.Loop);
        try
        {
            var certificates = options.PkiFolder is { } pki
                ? ClusterCertificates.LoadOrCreate(pki, simulation.Clock) : ClusterCertificates.CreateInMemory(simulation.Clock);
            var controlPlane = await ControlPlaneServices.StartAsync(
                system, simulation, options.Settings, options.DataFolder, certificates.Authority.ExportCertificatePem(),
                options.PkiFolder is { } folder ? ServiceAccountKey.LoadOrCreate(folder) : ServiceAccountKey.CreateInMemory(), options.Nodes.Count, cancellationToken);
            var face = options.ApiPort is { } port
                ? await ApiFace.StartAsync(
                    system, simulation, controlPlane, certificates,
                    new ApiFaceOptions(options.ClusterName, Loopback, port, Loopback, options.Kubeconfig), log, cancellationToken)
                : null;
            var workers = WorkerServices.Start(system, simulation, controlPlane.LocalApi, options.Settings.Timings, "in-process", options.Nodes,
                () => face is null ? null : new IPEndPoint(IPAddress.Loopback, face.Address.Port), new LinkCuts(), options.State, options.Outside, options.Zones,
                change: nodes => nodes with
                {
                    PacketObserver = options.PacketObserver, CanPause = options.CanPause, DiskFolder = options.DataFolder is { } data ? RunArguments.DisksIn(data) : null,
                });
            return new InProcessCluster(system, controlPlane, workers, certificates, face, options.Nodes, simulation, log);
        }
        catch
        {
            await ClusterProcess.EndAsync(system, simulation.Clock, log);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelInOrderAsync();
        if (_face is not null) await _face.DisposeAsync();
        await ClusterProcess.EndAsync(_system, _simulation.Clock, _log);
        await _workers.DisposeAsync();
        await _controlPlane.DisposeAsync();
        _certificates.Dispose();
        _ending.Dispose();
    }
}
