using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>One thing that stands behind a name of the cluster: an address, or for ExternalName services another name.</summary>
/// <param name="Address">Unless it is an alias.</param>
/// <param name="Port">What SRV records say; null: no port is declared, and there is no such record.</param>
/// <param name="Owner">The name of the address itself: the service's, or a single endpoint's.</param>
/// <param name="Alias">The other name, without final dot.</param>
internal readonly record struct DnsTarget(IpAddress Address, ushort? Port, string Owner, string? Alias = null);
