using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>How the cluster's DNS answers; defaults as in the Corefile that kubeadm installs.</summary>
public sealed record ClusterDnsOptions
{
    /// <summary>The zones of addresses' names.</summary>
    private static readonly ImmutableArray<string> Reverse = ["in-addr.arpa", "ip6.arpa"];

    public string ClusterDomain { get; init; } = WellKnown.ClusterDomain;

    /// <summary>Which zones are the cluster's, lower case; empty for a server that knows only names outside. "" would be the root.</summary>
    public ImmutableArray<string> Zones { get; init; } = [WellKnown.ClusterDomain, .. Reverse];

    /// <summary>In which of them a name that isn't there is looked for outside; "" for all (Corefile: fallthrough).</summary>
    public ImmutableArray<string> FallThrough { get; init; } = Reverse;

    /// <summary>Do names like 10-244-1-2.default.pod have the address that they say? (Corefile: pods insecure.)</summary>
    public bool PodRecords { get; init; } = true;

    /// <summary>Seconds that answers may be kept (Corefile: ttl 30).</summary>
    public uint TimeToLive { get; init; } = 30;

    /// <summary>Are addresses told in another order each time? (Corefile: loadbalance.)</summary>
    public bool Shuffles { get; init; }

    public ushort Port { get; init; } = 53;

    /// <summary>The server's own addresses, by which it finds the services that make it a name server.</summary>
    public ImmutableArray<IpAddress> ServerAddresses { get; init; } = [];

    /// <summary>Names outside the cluster that have an address here, lower case without final dot; all others do not exist.</summary>
    public ImmutableDictionary<string, ImmutableArray<IpAddress>> OutsideNames { get; init; } = ImmutableDictionary<string, ImmutableArray<IpAddress>>.Empty;
}
