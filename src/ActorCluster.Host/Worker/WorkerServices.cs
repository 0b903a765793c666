using System.Net;
using Akka.Actor;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;
using ActorCluster.Network.Links;
using ActorCluster.Network.Tables;
using ActorCluster.Nodes.Agent;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Host.Worker;

/// <summary>What hosts nodes: the network between them, the emulated images, the node agents. The same in a worker process and inside another.</summary>
internal sealed class WorkerServices : IAsyncDisposable
{
    private readonly ServiceProvider _programs;

    private WorkerServices(ServiceProvider programs, ContainerRuntime runtime, IActorRef networkTables, IActorRef nodes)
    {
        Images = runtime;
        NetworkTables = networkTables;
        _programs = programs;
        Nodes = nodes;
    }

    /// <summary>The process's <see cref="NetworkTablesActor"/>.</summary>
    public IActorRef NetworkTables { get; }

    /// <summary>The process's <see cref="NodesActor"/>.</summary>
    public IActorRef Nodes { get; }

    /// <summary>The images that there are.</summary>
    public ContainerRuntime Images { get; }

    /// <param name="cuts">From which other processes this one is cut off.</param>
    /// <param name="state">Where the cluster's processes are kept, on the machine of its user; null: services are not to be reached from this machine.</param>
    /// <param name="outside">As in <see cref="WorkerOptions.Outside"/>.</param>
    /// <param name="apiServer">Where the API listens for HTTPS, asked whenever a pod connects to it.</param>
    /// <param name="zones">As in <see cref="WorkerOptions.Zones"/>.</param>
    /// <param name="believeLoss">As <see cref="NetworkTablesActor.Props"/> has it.</param>
    /// <param name="change">What else the nodes are to be made with.</param>
    public static WorkerServices Start(
        ActorSystem system, SimulationContext simulation, IApiClient api, ClusterTimings timings, string processName, IReadOnlyList<string> nodes, Func<EndPoint?> apiServer,
        LinkCuts cuts, ClusterFolder? state = null, IReadOnlyList<string>? outside = null, IReadOnlyList<string>? zones = null,
        TimeSpan? believeLoss = null, Func<NodesOptions, NodesOptions>? change = null)
    {
        var bindings = OutsideFlags.Parse(outside ?? []);
        var tables = new NetworkTablesSource();
        var programs = new ServiceCollection().AddContainerHttp(simulation).AddSingleton(tables).BuildServiceProvider();
        var runtime = new ContainerRuntime(BuiltInImages.All);
        var options = new NodesOptions
        {
            Nodes = [.. nodes.Select(name => new NodeOptions(name) { Labels = ZoneFlags.LabelsOf(name, zones ?? []) })],
            ProcessName = processName,
            ProcessAddress = ((ExtendedActorSystem)system).Provider.DefaultAddress.ToString(),
            Api = api,
            Runtime = runtime,
            Simulation = simulation,
            Timings = timings,
            Link = AkkaPacketLink.Start(system, simulation, cuts),
            NetworkTables = system.ActorOf(NetworkTablesActor.Props(api, simulation, tables, believeLoss), ControlPlaneServices.NameOf(WellKnown.NetworkTablesPath)),
            Programs = programs,
            ApiServer = apiServer,
            OutsideBindings = bindings,
            Outside = state is null ? null : new SocketRecords(state, simulation),
        };
        if (change is not null) options = change(options);
        return new WorkerServices(programs, runtime, options.NetworkTables, system.ActorOf(NodesActor.Props(options), ControlPlaneServices.NameOf(WellKnown.NodesPath)));
    }

    /// <summary>Shuts the nodes down in order: their pods end with their grace, and the API hears of it.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var hosted = await Nodes.Ask<HostedNodes>(new GetNodes(), cancellationToken);
        await Task.WhenAll(hosted.Names.Select(node => Nodes.Ask<NodeStopped>(new StopNode(node), cancellationToken)));
    }

    /// <summary>Call it when the actors have ended.</summary>
    public ValueTask DisposeAsync() => _programs.DisposeAsync();
}
