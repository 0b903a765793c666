using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Tables;

/// <summary>One Service as the data path and DNS see it.</summary>
/// <param name="ClusterIps">Empty for headless and ExternalName services.</param>
/// <param name="ExternalName">The name it stands for (type ExternalName), without final dot; null for the others.</param>
/// <param name="Ports">Its ports with their endpoints, one entry for each address family.</param>
public sealed record ServiceEntry(
    string Namespace,
    string Name,
    ImmutableArray<IpAddress> ClusterIps,
    string? ExternalName,
    ImmutableArray<ServicePort> Ports)
{
    /// <summary>"namespace/name".</summary>
    public string Key { get; } = $"{Namespace}/{Name}";

    /// <summary>spec.externalIPs.</summary>
    public ImmutableArray<IpAddress> ExternalIps { get; init; } = [];

    /// <summary>The addresses of status.loadBalancer that nodes answer for themselves (ipMode VIP).</summary>
    public ImmutableArray<IpAddress> LoadBalancerIps { get; init; } = [];

    /// <summary>The port at which each node tells whether it has endpoints of the service; 0 if there is none.</summary>
    public ushort HealthCheckNodePort { get; init; }

    /// <summary>No address of its own: DNS answers with its endpoints.</summary>
    public bool IsHeadless => ClusterIps.IsEmpty && ExternalName is null;
}

/// <summary>One port of a Service for one address family, with the endpoints behind it.</summary>
/// <param name="Service">"namespace/name".</param>
/// <param name="Name">The port's name; "" if it has none.</param>
/// <param name="Ready">Endpoints whose condition ready is true.</param>
/// <param name="ServingTerminating">Endpoints that terminate but still serve: used when none is ready (pkg/proxy/topology.go).</param>
public sealed record ServicePort(
    string Service,
    string Name,
    IpProtocol Protocol,
    ushort Port,
    bool IsV4,
    ImmutableArray<ServiceEndpoint> Ready,
    ImmutableArray<ServiceEndpoint> ServingTerminating)
{
    /// <summary>How many addresses behind it are none of both, for whoever asks why nothing is reached.</summary>
    public int NotReady { get; init; }

    /// <summary>How many addresses the service's EndpointSlices have that are none of this port's, since no slice of theirs has the port: a target port by a name that the pod doesn't have.</summary>
    public int WithoutPort { get; init; }

    /// <summary>The port on every node's own address; 0 if there is none.</summary>
    public ushort NodePort { get; init; }

    /// <summary>internalTrafficPolicy Local: flows to the cluster IP stay on their node.</summary>
    public bool InternalLocal { get; init; }

    /// <summary>externalTrafficPolicy Local: flows from outside stay on the node that they reach, and keep their source address.</summary>
    public bool ExternalLocal { get; init; }

    /// <summary>How long a client's new flows go to the endpoint of its last one (sessionAffinity ClientIP), in seconds; 0: not at all.</summary>
    public int AffinitySeconds { get; init; }

    /// <summary>loadBalancerSourceRanges of this family: who may use the load balancer's addresses; empty: everybody.</summary>
    public ImmutableArray<IpNetwork> SourceRanges { get; init; } = [];
}

/// <param name="Hostname">The pod's DNS label below the service's name; "" if it has none.</param>
/// <param name="ZoneHints">The zones it had better be used from (EndpointSlice hints), with commas between; "": not said.</param>
/// <param name="NodeHints">The nodes, likewise.</param>
public sealed record ServiceEndpoint(IpAddress Address, ushort Port, string NodeName, string Hostname = "", string ZoneHints = "", string NodeHints = "");

/// <summary>Which of a service's addresses a packet was sent to: they have different rules.</summary>
public enum FrontendKind : byte
{
    ClusterIp,
    ExternalIp,
    LoadBalancer,
    NodePort,
}

/// <summary>One address and port at which a service is reached.</summary>
public sealed record ServiceFrontend(ServicePort Port, FrontendKind Kind);

/// <summary>What a packet to a service is looked up by.</summary>
public readonly record struct ServiceKey(IpAddress Address, ushort Port, IpProtocol Protocol)
{
    public override int GetHashCode() => (int)((Address.High ^ Address.Low ^ ((ulong)Port << 40) ^ (ulong)Protocol << 56) * 0x9E3779B97F4A7C15 >> 32);
}
