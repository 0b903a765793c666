using System.Collections.Immutable;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Forwarding;

/// <summary>A service port's endpoints as one node sees them (pkg/proxy/topology.go, CategorizeEndpoints). Pure.</summary>
internal sealed class ReachableEndpoints
{
    private readonly ServiceFlow[] _flows;

    public ReachableEndpoints(ServicePort port, string node, string zone)
    {
        Any = !port.Ready.IsEmpty || !port.ServingTerminating.IsEmpty;
        var cluster = OrElse(InTopology(port.Ready, node, zone), port.ServingTerminating);
        var local = OrElse([.. port.Ready.Where(endpoint => endpoint.NodeName == node)], [.. port.ServingTerminating.Where(endpoint => endpoint.NodeName == node)]);
        _flows = [new(port, cluster, false), new(port, cluster, true), new(port, local, false), new(port, local, true)];
    }

    /// <summary>There is an endpoint somewhere, though perhaps not where a policy wants it.</summary>
    public bool Any { get; }

    /// <param name="local">Only endpoints on this node.</param>
    public ServiceFlow Flow(bool local, bool masquerade) => _flows[(local ? 2 : 0) + (masquerade ? 1 : 0)];

    private static ImmutableArray<ServiceEndpoint> OrElse(ImmutableArray<ServiceEndpoint> ready, ImmutableArray<ServiceEndpoint> terminating) => ready.IsEmpty ? terminating : ready;

    /// <summary>Hints count only if all ready endpoints have them and one is for us: otherwise some clients would be left with nothing.</summary>
    private static ImmutableArray<ServiceEndpoint> InTopology(ImmutableArray<ServiceEndpoint> ready, string node, string zone)
    {
        if (ready.All(endpoint => endpoint.NodeHints.Length > 0) && Hinted(ready, endpoint => endpoint.NodeHints, node) is { IsEmpty: false } sameNode) return sameNode;
        if (ready.All(endpoint => endpoint.ZoneHints.Length > 0) && Hinted(ready, endpoint => endpoint.ZoneHints, zone) is { IsEmpty: false } sameZone) return sameZone;
        return ready;
    }

    private static ImmutableArray<ServiceEndpoint> Hinted(ImmutableArray<ServiceEndpoint> ready, Func<ServiceEndpoint, string> hints, string here) =>
        here.Length == 0 ? [] : [.. ready.Where(endpoint => hints(endpoint).Split(',').Contains(here))];
}
