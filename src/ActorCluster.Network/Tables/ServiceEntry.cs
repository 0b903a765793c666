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
    ImmutableArray<ServiceEndpoint> ServingTerminating);

/// <param name="Hostname">The pod's DNS label below the service's name; "" if it has none.</param>
public sealed record ServiceEndpoint(IpAddress Address, ushort Port, string NodeName, string Hostname = "");

/// <summary>What a packet to a service is looked up by.</summary>
public readonly record struct ServiceKey(IpAddress Address, ushort Port, IpProtocol Protocol)
{
    public override int GetHashCode() => (int)((Address.High ^ Address.Low ^ ((ulong)Port << 40) ^ (ulong)Protocol << 56) * 0x9E3779B97F4A7C15 >> 32);
}
