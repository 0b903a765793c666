using System.Collections.Immutable;
using System.Net;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Links;
using ActorCluster.Nodes.Outside;
using Akka.Actor;

namespace ActorCluster.Nodes.Agent;

/// <summary>One emulated node: what it has to give.</summary>
/// <param name="Name">The Node object's name, a DNS-1123 subdomain.</param>
public sealed record NodeOptions(string Name)
{
    /// <summary>As in status.capacity, all of it allocatable: Kubernetes quantities.</summary>
    public string Cpu { get; init; } = "8";
    public string Memory { get; init; } = "16Gi";
    public string EphemeralStorage { get; init; } = "100Gi";
    public int Pods { get; init; } = 110;

    /// <summary>On top of those that every node has.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Bytes of output kept for each instance of a container.</summary>
    public int ContainerLogLimit { get; init; } = 1024 * 1024;

    /// <summary>kubelet shutdownGracePeriod: how long an orderly stop waits for the node's pods.</summary>
    public TimeSpan ShutdownGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>kubelet shutdownGracePeriodCriticalPods: the last part of it, which belongs to pods of the system's priority classes.</summary>
    public TimeSpan ShutdownGracePeriodCriticalPods { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What the nodes of one process are made with.</summary>
public sealed record NodesOptions
{
    /// <summary>The nodes to begin with.</summary>
    public ImmutableArray<NodeOptions> Nodes { get; init; } = [];

    /// <summary>This process: its name (worker-2) and its Akka address, which the Node objects are annotated with.</summary>
    public required string ProcessName { get; init; }
    public required string ProcessAddress { get; init; }

    public required IApiClient Api { get; init; }
    public required IContainerRuntime Runtime { get; init; }
    public required SimulationContext Simulation { get; init; }
    public ClusterTimings Timings { get; init; } = ClusterTimings.Kubernetes;

    /// <summary>Carries packets between nodes.</summary>
    public required IPacketLink Link { get; init; }

    /// <summary>As <see cref="NodeNetworkOptions.Observer"/>, of all nodes.</summary>
    public Action<ObservedPacket>? PacketObserver { get; init; }

    /// <summary>Nodes can be paused (<see cref="PauseNode"/>); it costs each of their timers and tasks a detour.</summary>
    public bool CanPause { get; init; }

    /// <summary>The process's <c>NetworkTablesActor</c>, which every node's network subscribes to.</summary>
    public required IActorRef NetworkTables { get; init; }

    /// <summary>What programs find in their <c>ProcessContext.Services</c>.</summary>
    public required IServiceProvider Programs { get; init; }

    /// <summary>Gets to know the real sockets on loopback through which NodePorts and load balancers are reached from this machine; null: open none.</summary>
    public IOutsideRegistry? Outside { get; init; }

    /// <summary>An address of this machine's that NodePorts and load balancers are opened at, each at its own port, instead of at one of loopback for each of them. IPv4.</summary>
    public IPAddress? OutsideListen { get; init; }

    /// <summary>Where connections of pods to the Service default/kubernetes really go, asked for each of them; they are reset while it is nowhere. Null: nobody listens there.</summary>
    public Func<EndPoint?>? ApiServer { get; init; }

    /// <summary>A folder of the real disk where the nodes' own files and their pods' emptyDirs are kept, so that they outlive the process; null: in memory.</summary>
    public string? DiskFolder { get; init; }

    /// <summary>Names outside the cluster that pods may reach. Nothing else of this machine or beyond it can be reached by them.</summary>
    public ImmutableArray<OutsideBinding> OutsideBindings { get; init; } = [];
}
