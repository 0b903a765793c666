using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>How the cluster's DNS answers; defaults as in the Corefile that kubeadm installs.</summary>
public sealed record ClusterDnsOptions
{
    public string ClusterDomain { get; init; } = WellKnown.ClusterDomain;

    /// <summary>Seconds that answers may be kept (Corefile: ttl 30).</summary>
    public uint TimeToLive { get; init; } = 30;

    public ushort Port { get; init; } = 53;

    /// <summary>Names outside the cluster that have an address here, lower case without final dot; all others do not exist.</summary>
    public ImmutableDictionary<string, ImmutableArray<IpAddress>> OutsideNames { get; init; } = ImmutableDictionary<string, ImmutableArray<IpAddress>>.Empty;
}
