using ActorCluster.Network.Faults;
using ActorCluster.Network.Policies;
using k8s.Models;

namespace ActorCluster.Network.Tables;

/// <summary>Turns changes of Nodes, Services and EndpointSlices into the next tables. A change to one service costs nothing in the others.</summary>
internal sealed class NetworkTablesBuilder
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    private readonly Dictionary<string, V1Service> _services = [];
    private readonly Dictionary<string, SortedDictionary<string, V1EndpointSlice>> _slices = [];
    private readonly Dictionary<string, NodeRoute> _nodes = [];
    private readonly SortedSet<string> _changedServices = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _changedNodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _changedNamespaces = [];
    private readonly LostProcesses _lost = new();
    private NetworkTables _tables = NetworkTables.Empty;

    public PolicyTablesBuilder Policies { get; } = new();

    public FaultTablesBuilder Faults { get; } = new();

    public void OnNode(V1Node? old, V1Node? current)
    {
        var name = (current ?? old)!.Metadata.Name;
        var route = current is null ? null : TableEntries.OfNode(current);
        // Nodes change with each heartbeat; routes hardly ever.
        if (route is not null && _nodes.TryGetValue(name, out var known) && Same(route, known)) return;
        if (route is null) _nodes.Remove(name);
        else _nodes[name] = route;
        _changedNodes.Add(name);
    }

    public void OnNamespace(V1Namespace? old, V1Namespace? current) => _changedNamespaces[(current ?? old)!.Metadata.Name] = current is not null;

    public void OnService(V1Service? old, V1Service? current)
    {
        var key = Key((current ?? old)!.Metadata, (current ?? old)!.Metadata.Name);
        if (current is null) _services.Remove(key);
        else _services[key] = current;
        _changedServices.Add(key);
    }

    public void OnSlice(V1EndpointSlice? old, V1EndpointSlice? current)
    {
        // The label can change: then the slice leaves one service and joins another.
        if (old is not null && ServiceOf(old) is { } before && _slices.TryGetValue(before, out var left))
        {
            left.Remove(old.Metadata.Name);
            if (left.Count == 0) _slices.Remove(before);
            _changedServices.Add(before);
        }
        if (current is null || ServiceOf(current) is not { } key) return;
        if (!_slices.TryGetValue(key, out var slices)) _slices.Add(key, slices = new(StringComparer.Ordinal));
        slices[current.Metadata.Name] = current;
        _changedServices.Add(key);
    }

    /// <summary>A process was lost, or found again: while it is lost, services have none of its nodes' endpoints.</summary>
    public void OnProcess(string address, bool lost)
    {
        if (!_lost.Set(address, lost)) return;
        _changedServices.UnionWith(_slices.Where(service => service.Value.Values.Any(slice => LostProcesses.Concerns(slice, address, _nodes))).Select(service => service.Key));
    }

    /// <summary>The tables with everything that came since the last call.</summary>
    /// <param name="withPolicies">False: policies and faults stay as they were, since not all that they speak of is known yet.</param>
    /// <param name="now">The time of what came.</param>
    public NetworkTables Build(bool withPolicies = true, DateTimeOffset now = default)
    {
        foreach (var (name, exists) in _changedNamespaces) _tables = exists ? _tables.WithNamespace(name) : _tables.WithoutNamespace(name);
        if (_changedServices.Count > 0 && now != default) _tables = _tables.ModifiedAt(now);
        foreach (var name in _changedNodes) _tables = _nodes.TryGetValue(name, out var route) ? _tables.WithNode(route) : _tables.WithoutNode(name);
        foreach (var key in _changedServices)
        {
            if (_services.TryGetValue(key, out var service) && TableEntries.IsReachable(service))
                _tables = _tables.WithService(TableEntries.OfService(service, _slices.TryGetValue(key, out var slices) ? _lost.Without(slices.Values, _nodes) : []));
            else
                _tables = _tables.WithoutService(key[..key.IndexOf('/', StringComparison.Ordinal)], key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        }
        var hasChanged = _changedNodes.Count + _changedServices.Count > 0;
        _changedNamespaces.Clear();
        _changedNodes.Clear();
        _changedServices.Clear();
        if (withPolicies) _tables = _tables.WithPolicies(Policies.Build()).WithFaults(Faults.Build(_tables, hasChanged));
        return _tables;
    }

    private static bool Same(NodeRoute left, NodeRoute right) =>
        left.ProcessAddress == right.ProcessAddress && left.Zone == right.Zone && left.IsReady == right.IsReady && left.ReadySince == right.ReadySince && left.Addresses.SequenceEqual(right.Addresses) && left.PodCidrs.SequenceEqual(right.PodCidrs);

    private static string? ServiceOf(V1EndpointSlice slice) =>
        slice.Metadata.Labels?.TryGetValue(ServiceNameLabel, out var name) == true ? Key(slice.Metadata, name) : null;

    private static string Key(V1ObjectMeta metadata, string name) => $"{metadata.NamespaceProperty}/{name}";
}
