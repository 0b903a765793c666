using System.Text.Json;
using Akka;
using Akka.Actor;
using ActorCluster.Api;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.ApiServer.CustomResources;
using ActorCluster.Contracts.Client.Remote;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Contracts.Tables;
using ActorCluster.Controllers;
using ActorCluster.Host.AddOns;
using ActorCluster.Host.State;
using ActorCluster.Store;
using ActorCluster.Store.Backends;

namespace ActorCluster.Host.ControlPlane;

/// <summary>What a control plane consists of, but for its faces: the store, the API, the controllers. The same in a process of its own and inside another.</summary>
internal sealed class ControlPlaneServices : IAsyncDisposable
{
    private static readonly ResourceName Nodes = new("", "nodes");
    private const string DatabaseFile = "store.db";
    /// <summary>Within Akka's own limit for a phase of a shutdown, 5 s.</summary>
    private static readonly TimeSpan ControllersStopBound = TimeSpan.FromSeconds(4);
    private readonly ObjectStore _store;
    private readonly DataFolderLock? _data;
    private readonly ServiceAccountKey _tokenKey;
    private readonly IActorRef _gateway;
    private AddOnInstaller? _addOns;
    private SystemObjectsKeeper? _keeper;
    private CustomResourceKeeper? _customResources;

    private readonly RunningControllers _controllers;

    private ControlPlaneServices(ObjectStore store, ApiPipeline api, IActorRef gateway, RunningControllers controllers, DataFolderLock? data, ServiceAccountKey tokenKey)
    {
        _controllers = controllers;
        _gateway = gateway;
        _tokenKey = tokenKey;
        _store = store;
        _data = data;
        Api = api;
    }

    public ApiPipeline Api { get; }

    /// <summary>Whether the add-ons could be installed, those that wait for nodes included; known when they are.</summary>
    public Task<bool> AddOnsInstalled => _addOns?.Installed ?? Task.FromResult(true);

    /// <summary>What its own controllers ask, and whoever else lives in its process.</summary>
    public required InterruptibleApi LocalApi { get; init; }

    /// <param name="dataFolder">Null: in memory.</param>
    /// <param name="rootCaPem">The cluster's CA certificate, for the pods' ConfigMap.</param>
    /// <param name="tokenKey">The cluster's key for service account tokens.</param>
    /// <param name="awaitNodes">How many nodes are about to come; the add-ons' pods wait for them for a while.</param>
    public static async Task<ControlPlaneServices> StartAsync(
        ActorSystem system, SimulationContext simulation, ControlPlaneSettings settings, string? dataFolder, string rootCaPem, ServiceAccountKey tokenKey, int awaitNodes,
        CancellationToken cancellationToken)
    {
        var data = dataFolder is null ? null : DataFolderLock.TryTake(dataFolder) ?? throw new IOException($"The data folder {dataFolder} is in use by another control plane. End that one, or choose another folder.");
        ObjectStore? store = null;
        try
        {
            // What is served is put together while the store is read.
            var opening = ObjectStore.OpenAsync(Backend(dataFolder), simulation, cancellationToken: cancellationToken);
            var registry = ResourceRegistry.BuiltIn();
            store = await opening;
            var api = new ApiPipeline(store, registry, simulation, settings.Timings, tokenKey);
            await SystemObjects.EnsureAsync(api, cancellationToken);
            var gateway = system.ActorOf(ApiGatewayActor.Props(api, simulation), NameOf(WellKnown.ApiGatewayPath));
            var nodes = new ContainerStreamConnector(system, simulation, node => ProcessAddressOf(store, node));
            var local = new InterruptibleApi(new LocalApi(api));
            var options = Options(registry, settings, rootCaPem) with
            {
                Nodes = nodes,
                Tables = settings.UseProcessReachability ? new NetworkTablesFence(system) : null,
                AtWork = api.Components.NoteControllers,
            };
            var controllers = new RunningControllers(system, ControllersActor.Props(local, simulation, options));
            controllers.Start();
            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "stop-controllers", async () =>
            {
                await controllers.StopAsync(ControllersStopBound);
                return Done.Instance;
            });
            var services = new ControlPlaneServices(store, api, gateway, controllers, data, tokenKey) { LocalApi = local, _keeper = SystemObjectsKeeper.Start(api, simulation), _customResources = CustomResourceKeeper.Start(api, simulation) };
            services._addOns = await AddOnInstaller.StartAsync(api, simulation, settings.ClusterDns, awaitNodes, cancellationToken);
            return services;
        }
        catch
        {
            if (store is not null) await store.DisposeAsync();
            data?.Dispose();
            throw;
        }
    }

    /// <summary>As when its process is killed: the API is away for those who live in this process, and the controllers end and forget. The store keeps what was acknowledged.</summary>
    public async Task KillAsync()
    {
        if (LocalApi.IsAway) return;
        LocalApi.Interrupt();
        await _controllers.KillAsync();
    }

    /// <summary>As when its process is started again.</summary>
    public void Restart()
    {
        if (!LocalApi.IsAway) return;
        LocalApi.Restore();
        _controllers.Start();
    }

    /// <summary>Lets the workers know on which port of this host the API listens for HTTPS: their pods' connections to it go there.</summary>
    public void TellHttpsPort(int port) => ApiGatewayActor.TellHttpsPort(_gateway, port);

    /// <summary>The Akka address of the process that hosts a node, as its Node object says; null if there is no such node.</summary>
    public string? ProcessAddressOf(string node) => ProcessAddressOf(_store, node);

    private static string? ProcessAddressOf(ObjectStore store, string node)
    {
        if (store.Snapshot.Get(new ObjectKey(Nodes, "", node)) is not { } stored) return null;
        using var document = JsonDocument.Parse(stored.Json);
        return document.RootElement.GetProperty("metadata").TryGetProperty("annotations", out var annotations)
            && annotations.TryGetProperty(WellKnown.ProcessAddressAnnotation, out var address) ? address.GetString() : null;
    }

    /// <summary>Writes what is under way; call it when the actors have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_keeper is not null) await _keeper.DisposeAsync();
        if (_customResources is not null) await _customResources.DisposeAsync();
        if (_addOns is not null) await _addOns.DisposeAsync();
        await _store.DisposeAsync();
        _data?.Dispose();
        _tokenKey.Dispose();
    }

    private static IStorageBackend Backend(string? dataFolder) =>
        dataFolder is null ? new MemoryBackend() : new SqliteBackend(Path.Combine(dataFolder, DatabaseFile));

    /// <summary>The last part of an actor's path.</summary>
    internal static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static ControllersOptions Options(ResourceRegistry registry, ControlPlaneSettings settings, string rootCaPem)
    {
        return new ControllersOptions
        {
            Timings = settings.Timings,
            RootCaPem = rootCaPem,
            Registry = registry,
            UseProcessReachability = settings.UseProcessReachability,
        };
    }
}
