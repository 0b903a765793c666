using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Faults;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;

namespace ActorCluster.Network.Tables;

/// <summary>
/// What every node knows of the cluster: where nodes and pod networks are, which services there are and what is behind them. An immutable
/// snapshot, shared by all nodes of a process and swapped whole; lookups cost the same however many entries there are.
/// </summary>
public sealed class NetworkTables
{
    public static readonly NetworkTables Empty = new();

    private SnapshotMap<string, NodeRoute> _nodes = SnapshotMap<string, NodeRoute>.Empty;
    private SnapshotMap<IpAddress, NodeRoute> _nodeAddresses = SnapshotMap<IpAddress, NodeRoute>.Empty;
    private SnapshotMap<IpNetwork, NodeRoute> _podNetworks = SnapshotMap<IpNetwork, NodeRoute>.Empty;
    private ImmutableArray<int> _prefixesV4 = [];
    private ImmutableArray<int> _prefixesV6 = [];
    private SnapshotMap<string, ServiceEntry> _services = SnapshotMap<string, ServiceEntry>.Empty;
    private SnapshotMap<ServiceKey, ServiceFrontend> _frontends = SnapshotMap<ServiceKey, ServiceFrontend>.Empty;
    private SnapshotMap<IpAddress, ServiceEntry> _clusterIps = SnapshotMap<IpAddress, ServiceEntry>.Empty;
    private SnapshotMap<IpAddress, ImmutableArray<string>> _servicesAt = SnapshotMap<IpAddress, ImmutableArray<string>>.Empty;
    private ImmutableHashSet<string> _namespaces = [];

    private NetworkTables() { }

    private NetworkTables(NetworkTables other)
    {
        (ServiceNetworks, PodNetworks, Policies, Faults) = (other.ServiceNetworks, other.PodNetworks, other.Policies, other.Faults);
        (_nodes, _nodeAddresses, _podNetworks, _prefixesV4, _prefixesV6) = (other._nodes, other._nodeAddresses, other._podNetworks, other._prefixesV4, other._prefixesV6);
        (_services, _frontends, _clusterIps, _servicesAt) = (other._services, other._frontends, other._clusterIps, other._servicesAt);
        (_namespaces, Modified, KnowsPods) = (other._namespaces, other.Modified, other.KnowsPods);
    }

    /// <summary>The blocks that cluster IPs come from.</summary>
    public ImmutableArray<IpNetwork> ServiceNetworks { get; private init; } = [IpNetwork.Parse(WellKnown.ServiceCidr), IpNetwork.Parse(WellKnown.ServiceCidrV6)];

    /// <summary>The blocks that all pods' addresses come from (kube-proxy's --cluster-cidr).</summary>
    public ImmutableArray<IpNetwork> PodNetworks { get; private init; } = [IpNetwork.Parse(WellKnown.PodCidr), IpNetwork.Parse(WellKnown.PodCidrV6)];

    internal PolicyTables Policies { get; private init; } = PolicyTables.Empty;

    internal FaultTables Faults { get; private init; } = FaultTables.Empty;

    /// <summary>Nothing has come from the API yet.</summary>
    public bool IsEmpty => ReferenceEquals(this, Empty);

    /// <summary>When services or their endpoints changed last.</summary>
    public DateTimeOffset Modified { get; private init; } = DateTimeOffset.UnixEpoch;

    public IEnumerable<NodeRoute> Nodes => _nodes.Values;
    public IEnumerable<ServiceEntry> Services => _services.Values;

    public bool TryGetNode(string name, [MaybeNullWhen(false)] out NodeRoute node) => _nodes.TryGetValue(name, out node);

    /// <summary>The node that has this address, or behind which the pod network with this address is.</summary>
    public bool TryRoute(IpAddress destination, [MaybeNullWhen(false)] out NodeRoute node)
    {
        // Longest prefix first; a cluster has one prefix length for each family, so this is one lookup.
        foreach (var prefix in destination.IsV4 ? _prefixesV4 : _prefixesV6)
            if (_podNetworks.TryGetValue(new(destination, prefix), out node)) return true;
        return _nodeAddresses.TryGetValue(destination, out node);
    }

    public bool TryGetService(string @namespace, string name, [MaybeNullWhen(false)] out ServiceEntry service) =>
        TryGetService($"{@namespace}/{name}", out service);

    /// <param name="key">"namespace/name".</param>
    public bool TryGetService(string key, [MaybeNullWhen(false)] out ServiceEntry service) => _services.TryGetValue(key, out service);

    /// <summary>The service behind an address that is a service's own: cluster IP, external IP or load balancer's.</summary>
    public bool TryGetFrontend(ServiceKey key, [MaybeNullWhen(false)] out ServiceFrontend frontend) => _frontends.TryGetValue(key, out frontend);

    /// <summary>The service behind a port of every node's address.</summary>
    public bool TryGetNodePort(ushort port, IpProtocol protocol, bool v4, [MaybeNullWhen(false)] out ServiceFrontend frontend) =>
        _frontends.TryGetValue(NodePortKey(port, protocol, v4), out frontend);

    /// <summary>The service that has this cluster IP.</summary>
    public bool TryGetClusterIp(IpAddress address, [MaybeNullWhen(false)] out ServiceEntry service) => _clusterIps.TryGetValue(address, out service);

    /// <summary>The services, as "namespace/name", that have a ready endpoint at this address.</summary>
    public ImmutableArray<string> ServicesAt(IpAddress address) => _servicesAt.TryGetValue(address, out var services) ? services : [];

    public bool HasNamespace(string name) => _namespaces.Contains(name);

    /// <summary>Are the pods known, so that <see cref="HasPod"/> can be asked? They are followed only for who wants them (<see cref="NetworkTablesSource.WantPods"/>).</summary>
    public bool KnowsPods { get; private init; }

    /// <summary>Has a pod of this namespace this address? Pods on their node's network and ended ones don't count.</summary>
    public bool HasPod(IpAddress address, string @namespace) => Policies.TryGetPod(address, out var pod) && pod.Pod.Namespace == @namespace;

    public bool IsServiceAddress(IpAddress address) => Contains(ServiceNetworks, address);

    /// <summary>Is it a pod's, by its block? (hostNetwork pods have their node's.)</summary>
    public bool IsPodAddress(IpAddress address) => Contains(PodNetworks, address);

    public NetworkTables WithServiceNetworks(ImmutableArray<IpNetwork> networks) => new(this) { ServiceNetworks = networks };

    public NetworkTables WithNamespace(string name) => HasNamespace(name) ? this : new(this) { _namespaces = _namespaces.Add(name) };

    public NetworkTables WithoutNamespace(string name) => HasNamespace(name) ? new(this) { _namespaces = _namespaces.Remove(name) } : this;

    internal NetworkTables ModifiedAt(DateTimeOffset time) => new(this) { Modified = time };

    internal NetworkTables WithPolicies(PolicyTables policies) => ReferenceEquals(policies, Policies) ? this : new(this) { Policies = policies };

    internal NetworkTables KnowingPods(bool known) => known == KnowsPods ? this : new(this) { KnowsPods = known };

    internal NetworkTables WithFaults(FaultTables faults) => ReferenceEquals(faults, Faults) ? this : new(this) { Faults = faults };

    public NetworkTables WithNode(NodeRoute node)
    {
        var tables = WithoutNode(node.Name);
        if (ReferenceEquals(tables, this)) tables = new(this);
        tables._nodes = tables._nodes.With(node.Name, node);
        foreach (var address in node.Addresses) tables._nodeAddresses = tables._nodeAddresses.With(address, node);
        foreach (var network in node.PodCidrs) tables._podNetworks = tables._podNetworks.With(network, node);
        tables._prefixesV4 = WithPrefixes(tables._prefixesV4, node, v4: true);
        tables._prefixesV6 = WithPrefixes(tables._prefixesV6, node, v4: false);
        return tables;
    }

    public NetworkTables WithoutNode(string name)
    {
        if (!_nodes.TryGetValue(name, out var node)) return this;
        var tables = new NetworkTables(this) { _nodes = _nodes.Without(name) };
        // Another node may have taken the address or network over meanwhile; then it is no longer this node's to remove.
        foreach (var address in node.Addresses)
            if (_nodeAddresses.TryGetValue(address, out var holder) && holder.Name == name) tables._nodeAddresses = tables._nodeAddresses.Without(address);
        foreach (var network in node.PodCidrs)
            if (_podNetworks.TryGetValue(network, out var holder) && holder.Name == name) tables._podNetworks = tables._podNetworks.Without(network);
        return tables;
    }

    public NetworkTables WithService(ServiceEntry service)
    {
        var tables = new NetworkTables(this);
        if (_services.TryGetValue(service.Key, out var old)) tables.Forget(old, replacement: service);
        tables._services = tables._services.With(service.Key, service);
        foreach (var address in service.ClusterIps) tables._clusterIps = tables._clusterIps.With(address, service);
        foreach (var (key, frontend) in FrontendsOf(service)) tables._frontends = tables._frontends.With(key, frontend);
        foreach (var address in AddressesOf(service))
        {
            var known = tables.ServicesAt(address);
            if (!known.Contains(service.Key)) tables._servicesAt = tables._servicesAt.With(address, known.Add(service.Key));
        }
        return tables;
    }

    public NetworkTables WithoutService(string @namespace, string name)
    {
        if (!TryGetService(@namespace, name, out var service)) return this;
        var tables = new NetworkTables(this) { _services = _services.Without(service.Key) };
        tables.Forget(service, replacement: null);
        return tables;
    }

    /// <summary>Takes a service's addresses, ports and endpoints out of tables that nobody has seen yet, but for those that its replacement has as well.</summary>
    private void Forget(ServiceEntry service, ServiceEntry? replacement)
    {
        // What another service has taken over meanwhile is no longer this one's to remove.
        foreach (var address in service.ClusterIps)
        {
            if (replacement?.ClusterIps.Contains(address) == true) continue;
            if (_clusterIps.TryGetValue(address, out var holder) && holder.Key == service.Key) _clusterIps = _clusterIps.Without(address);
        }
        var keys = replacement is null ? [] : FrontendsOf(replacement).Select(frontend => frontend.Key).ToHashSet();
        foreach (var (key, _) in FrontendsOf(service))
        {
            if (keys.Contains(key)) continue;
            if (_frontends.TryGetValue(key, out var holder) && holder.Port.Service == service.Key) _frontends = _frontends.Without(key);
        }
        var addresses = replacement is null ? [] : AddressesOf(replacement).ToHashSet();
        foreach (var address in AddressesOf(service))
        {
            if (addresses.Contains(address)) continue;
            var left = ServicesAt(address).Remove(service.Key);
            _servicesAt = left.IsEmpty ? _servicesAt.Without(address) : _servicesAt.With(address, left);
        }
    }

    private static IEnumerable<(ServiceKey Key, ServiceFrontend Frontend)> FrontendsOf(ServiceEntry service)
    {
        foreach (var port in service.Ports)
        {
            foreach (var (kind, addresses) in ((FrontendKind, ImmutableArray<IpAddress>)[])
                [(FrontendKind.ClusterIp, service.ClusterIps), (FrontendKind.ExternalIp, service.ExternalIps), (FrontendKind.LoadBalancer, service.LoadBalancerIps)])
            {
                foreach (var address in addresses)
                    if (address.IsV4 == port.IsV4) yield return (new(address, port.Port, port.Protocol), new(port, kind));
            }
            if (port.NodePort != 0) yield return (NodePortKey(port.NodePort, port.Protocol, port.IsV4), new(port, FrontendKind.NodePort));
        }
    }

    private static bool Contains(ImmutableArray<IpNetwork> networks, IpAddress address)
    {
        foreach (var network in networks)
            if (network.Contains(address)) return true;
        return false;
    }

    private static ServiceKey NodePortKey(ushort port, IpProtocol protocol, bool v4) => new(v4 ? IpAddress.AnyV4 : IpAddress.AnyV6, port, protocol);

    private static IEnumerable<IpAddress> AddressesOf(ServiceEntry service) => service.Ports.SelectMany(port => port.Ready).Select(endpoint => endpoint.Address).Distinct();

    private static ImmutableArray<int> WithPrefixes(ImmutableArray<int> prefixes, NodeRoute node, bool v4)
    {
        foreach (var network in node.PodCidrs)
            if (network.Base.IsV4 == v4 && !prefixes.Contains(network.Prefix)) prefixes = [.. prefixes.Add(network.Prefix).OrderDescending()];
        return prefixes;
    }
}
