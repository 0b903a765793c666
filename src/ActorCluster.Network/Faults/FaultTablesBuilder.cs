using System.Collections.Immutable;
using ActorCluster.Api.Chaos;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Faults;

/// <summary>Turns faults, and changes of what their ends speak of, into the next <see cref="FaultTables"/>.</summary>
internal sealed class FaultTablesBuilder
{
    private readonly SortedDictionary<string, Fault> _faults = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (PodIdentity Pod, ImmutableArray<IpAddress> Addresses)> _pods = new(StringComparer.Ordinal);
    private FaultTables _tables = FaultTables.Empty;
    private bool _isChanged;

    public bool HasFaults => _faults.Count > 0;

    /// <summary>Whether some fault's ends are pods, which then have to be told of.</summary>
    public bool NeedsPods => _faults.Values.Any(fault => fault.Source.NeedsPods || fault.Target.NeedsPods);

    public void Set(Fault fault)
    {
        _faults[fault.Name] = fault;
        _isChanged = true;
    }

    public void Remove(string name) => _isChanged |= _faults.Remove(name);

    /// <summary>An object of the API changed. Unless what it does changed, its wires stay as they are.</summary>
    /// <exception cref="FormatException">It is no sensible one; it does nothing then.</exception>
    public void OnChaos(NetworkChaos? old, NetworkChaos? current)
    {
        var name = ChaosFaults.NameOf((current ?? old)!);
        Fault? fault = null;
        try
        {
            fault = current is null ? null : ChaosFaults.Of(current);
        }
        finally
        {
            if (fault is null) Remove(name);
            else if (!_faults.TryGetValue(name, out var known) || !IsSame(known, fault)) Set(fault);
        }
    }

    public void OnPod(PolicyPod? old, PolicyPod? current)
    {
        var metadata = (current ?? old)!.Metadata;
        var key = $"{metadata.NamespaceProperty}/{metadata.Name}";
        if (current is null || current.Addresses.IsEmpty) _pods.Remove(key);
        else _pods[key] = (current.Identify(), current.Addresses);
        _isChanged = true;
    }

    /// <summary>Pods are no longer told of.</summary>
    public void Forget()
    {
        _pods.Clear();
        _isChanged = true;
    }

    /// <param name="tables">Nodes and services as they are now.</param>
    /// <param name="tablesChanged">They aren't what they were at the last call.</param>
    public FaultTables Build(NetworkTables tables, bool tablesChanged)
    {
        if (!_isChanged && !(tablesChanged && HasFaults)) return _tables;
        _isChanged = false;
        return _tables = HasFaults ? new([.. _faults.Values.Select(fault => new ActiveFault(fault, Resolve(fault.Source, tables), Resolve(fault.Target, tables)))]) : FaultTables.Empty;
    }

    private EndSet Resolve(FaultEnds ends, NetworkTables tables)
    {
        if (ends is FaultEnds.Everybody) return EndSet.Everybody;
        var (addresses, networks) = (new List<IpAddress>(), new List<IpNetwork>());
        Collect(ends, tables, addresses, networks);
        return new(addresses, networks);
    }

    private void Collect(FaultEnds ends, NetworkTables tables, List<IpAddress> addresses, List<IpNetwork> networks)
    {
        switch (ends)
        {
            case FaultEnds.Everybody: networks.AddRange([new(IpAddress.AnyV4, 0), new(IpAddress.AnyV6, 0)]); break;
            case FaultEnds.NamedPods pods:
                foreach (var name in pods.Names)
                    if (_pods.TryGetValue(name, out var pod)) addresses.AddRange(pod.Addresses);
                break;
            case FaultEnds.LabeledPods labeled:
                foreach (var (pod, own) in _pods.Values)
                    if ((labeled.Namespace is null || labeled.Namespace == pod.Namespace) && labeled.Labels.Matches(pod.Labels)) addresses.AddRange(own);
                break;
            case FaultEnds.Nodes nodes:
                foreach (var name in nodes.Names)
                {
                    if (!tables.TryGetNode(name, out var node)) continue;
                    addresses.AddRange(node.Addresses);
                    networks.AddRange(node.PodCidrs);
                }
                break;
            case FaultEnds.Networks blocks: networks.AddRange(blocks.Blocks); break;
            case FaultEnds.Services services:
                foreach (var name in services.Names)
                    if (ServiceOf(name, tables) is { } service) addresses.AddRange(AddressesOf(service));
                break;
            case FaultEnds.Any any:
                foreach (var part in any.Parts) Collect(part, tables, addresses, networks);
                break;
            default: throw new ArgumentException($"Ends of an unknown kind: {ends}.", nameof(ends));
        }
    }

    private static bool IsSame(Fault one, Fault other) =>
        one.Direction == other.Direction && one.Effects == other.Effects && one.Source.ToString() == other.Source.ToString() && one.Target.ToString() == other.Target.ToString();

    /// <summary>"web.shop", "web.shop.svc", "web.shop.svc.cluster.local".</summary>
    private static ServiceEntry? ServiceOf(string name, NetworkTables tables)
    {
        var labels = name.Split('.');
        return labels.Length >= 2 && (labels.Length == 2 || labels[2] == "svc") && tables.TryGetService(labels[1], labels[0], out var service) ? service : null;
    }

    /// <summary>The service's own and those of its endpoints, which answer under theirs.</summary>
    private static IEnumerable<IpAddress> AddressesOf(ServiceEntry service) =>
        [.. service.ClusterIps, .. service.ExternalIps, .. service.LoadBalancerIps, .. service.Ports.SelectMany(port => port.Ready).Select(endpoint => endpoint.Address)];
}
