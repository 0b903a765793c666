using System.Collections.Immutable;
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
using ActorCluster.Network.Dns;
using ActorCluster.Network.Links;
using ActorCluster.Network.Tables;
using ActorCluster.Nodes.Agent;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Host.Worker;

/// <summary>What hosts nodes: the network between them, the emulated images, the node agents. The same in a worker process and inside another.</summary>
internal sealed class WorkerServices : IAsyncDisposable
{
    private readonly ServiceProvider _programs;
    private readonly IActorRef _nodes;

    private WorkerServices(ServiceProvider programs, IActorRef networkTables, IActorRef nodes)
    {
        NetworkTables = networkTables;
        _programs = programs;
        _nodes = nodes;
    }

    /// <summary>The process's <see cref="NetworkTablesActor"/>.</summary>
    public IActorRef NetworkTables { get; }

    /// <param name="cuts">From which other processes this one is cut off.</param>
    /// <param name="state">Where the cluster's processes are kept, on the machine of its user; null: services are not to be reached from this machine.</param>
    /// <param name="outside">As in <see cref="WorkerOptions.Outside"/>.</param>
    /// <param name="apiServer">Where the API listens for HTTPS, asked whenever a pod connects to it.</param>
    /// <param name="zones">As in <see cref="WorkerOptions.Zones"/>.</param>
    /// <param name="believeLoss">As <see cref="NetworkTablesActor.Props"/> has it.</param>
    public static WorkerServices Start(
        ActorSystem system, SimulationContext simulation, IApiClient api, ClusterTimings timings, string processName, IReadOnlyList<string> nodes, Func<EndPoint?> apiServer,
        LinkCuts cuts, ClusterFolder? state = null, IReadOnlyList<string>? outside = null, IReadOnlyList<string>? zones = null,
        TimeSpan? believeLoss = null)
    {
        var bindings = OutsideFlags.Parse(outside ?? []);
        var names = new OutsideNames(bindings.GroupBy(binding => binding.Name, binding => binding.Inside.Address).ToImmutableDictionary(name => name.Key, name => name.Distinct().ToImmutableArray()));
        var tables = new NetworkTablesSource();
        var programs = new ServiceCollection().AddContainerHttp(simulation).AddSingleton(tables).AddSingleton(names).BuildServiceProvider();
        var options = new NodesOptions
        {
            Nodes = [.. nodes.Select(name => new NodeOptions(name) { Labels = ZoneFlags.LabelsOf(name, zones ?? []) })],
            ProcessName = processName,
            ProcessAddress = ((ExtendedActorSystem)system).Provider.DefaultAddress.ToString(),
            Api = api,
            Runtime = new ContainerRuntime(BuiltInImages.All),
            Simulation = simulation,
            Timings = timings,
            Link = AkkaPacketLink.Start(system, simulation, cuts),
            NetworkTables = system.ActorOf(NetworkTablesActor.Props(api, simulation, tables, believeLoss), "network-tables"),
            Programs = programs,
            ApiServer = apiServer,
            OutsideBindings = bindings,
            Outside = state is null ? null : new SocketRecords(state, simulation),
        };
        return new WorkerServices(programs, options.NetworkTables, system.ActorOf(NodesActor.Props(options), ControlPlaneServices.NameOf(WellKnown.NodesPath)));
    }

    /// <summary>Shuts the nodes down in order: their pods end with their grace, and the API hears of it.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var hosted = await _nodes.Ask<HostedNodes>(new GetNodes(), cancellationToken);
        await Task.WhenAll(hosted.Names.Select(node => _nodes.Ask<NodeStopped>(new StopNode(node), cancellationToken)));
    }

    /// <summary>Call it when the actors have ended.</summary>
    public ValueTask DisposeAsync() => _programs.DisposeAsync();
}
