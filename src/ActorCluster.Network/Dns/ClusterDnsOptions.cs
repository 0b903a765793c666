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

    /// <summary>Which names like 10-244-1-2.default.pod have the address that they say.</summary>
    public PodRecords PodRecords { get; init; } = PodRecords.Insecure;

    /// <summary>The namespaces that names are told of; empty: all (Corefile: namespaces).</summary>
    public ImmutableHashSet<string> Namespaces { get; init; } = [];

    /// <summary>Has a service without ready endpoints no name? (Corefile: ignore empty_service.)</summary>
    public bool IgnoresEmptyServices { get; init; }

    /// <summary>Seconds that answers may be kept (Corefile: ttl 30).</summary>
    public uint TimeToLive { get; init; } = 30;

    public ushort Port { get; init; } = 53;

    /// <summary>The server's own addresses, by which it finds the services that make it a name server.</summary>
    public ImmutableArray<IpAddress> ServerAddresses { get; init; } = [];

    /// <summary>Names outside the cluster that have an address here, lower case without final dot; all others do not exist.</summary>
    public ImmutableDictionary<string, ImmutableArray<IpAddress>> OutsideNames { get; init; } = ImmutableDictionary<string, ImmutableArray<IpAddress>>.Empty;
}

/// <summary>CoreDNS's option "pods" (https://coredns.io/plugins/kubernetes/).</summary>
public enum PodRecords
{
    /// <summary>None: there is no such name.</summary>
    Disabled,

    /// <summary>All, whether there is such a pod or not; the namespace must exist.</summary>
    Insecure,

    /// <summary>Those of which there is a pod with this address in this namespace.</summary>
    Verified,
}
