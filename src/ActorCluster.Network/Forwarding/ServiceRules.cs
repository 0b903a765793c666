using System.Runtime.CompilerServices;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;

namespace ActorCluster.Network.Forwarding;

/// <summary>What a node does with the first packet of a flow to a service: kube-proxy's rules (pkg/proxy/iptables/proxier.go). Pure.</summary>
internal sealed class ServiceRules(string nodeName, NodeAddresses nodeAddresses)
{
    // By the port's identity: a service that changed is a new one, and the old one's view goes with it.
    private readonly ConditionalWeakTable<ServicePort, ReachableEndpoints> _views = [];
    private string _zone = "";

    /// <summary>Endpoints that a trace lists.</summary>
    private const int Shown = 5;

    /// <summary>The node's zone, as the tables have it.</summary>
    public void SetZone(string zone)
    {
        if (zone == _zone) return;
        _zone = zone;
        _views.Clear();
    }

    /// <param name="fromNeighbour">The sender is attached to this node.</param>
    public Verdict Decide(ServiceFrontend frontend, Packet packet, bool fromNeighbour, NetworkTables tables, List<TraceStep>? steps)
    {
        var port = frontend.Port;
        if (!_views.TryGetValue(port, out var endpoints)) _views.Add(port, endpoints = new(port, nodeName, _zone));
        if (!endpoints.Any)
        {
            steps?.Add(new("service", $"{Rule(frontend)} has no endpoints: {Lack(port)}"));
            return new(Fate.Reject, Reason.NoEndpoints, packet, Answer: IcmpKind.PortUnreachable);
        }
        if (frontend.Kind == FrontendKind.LoadBalancer && !Admits(port, packet.Source))
        {
            steps?.Add(new("service", $"{Rule(frontend)} takes traffic from {string.Join(", ", port.SourceRanges)} only (loadBalancerSourceRanges), not from {packet.Source}"));
            return new(Fate.Drop, Reason.SourceRange, packet);
        }
        var flow = Plan(frontend.Kind, port, endpoints, packet.Source, fromNeighbour, tables);
        if (flow.Candidates.IsEmpty)
        {
            steps?.Add(new("service", $"{Rule(frontend)} has no endpoints on node {nodeName}, and {TrafficPolicy(frontend)}"));
            return new(Fate.Drop, Reason.NoLocalEndpoints, packet);
        }
        steps?.Add(new("service", $"{Rule(frontend)}, {TrafficPolicy(frontend)}: {Candidates(flow)}{(flow.Masquerade ? "; masqueraded" : "")}"));
        return new(Fate.BindService, Reason.NewServiceFlow, packet, Flow: flow);
    }

    private ServiceFlow Plan(FrontendKind kind, ServicePort port, ReachableEndpoints endpoints, IpAddress source, bool fromNeighbour, NetworkTables tables)
    {
        var fromPod = tables.IsPodAddress(source);
        if (kind == FrontendKind.ClusterIp) return endpoints.Flow(port.InternalLocal, masquerade: !fromPod);
        // The endpoint may be on any node, whose answers would go past this one.
        if (!port.ExternalLocal) return endpoints.Flow(local: false, masquerade: true);
        // This node's pods and the node itself are no outsiders: for them the external address is one more name of the service. Pods of other nodes
        // are: to a remote endpoint they would be led past this node on the way back.
        if (fromPod && fromNeighbour) return endpoints.Flow(local: false, masquerade: false);
        return nodeAddresses.Contains(source) || source.IsLoopback ? endpoints.Flow(local: false, masquerade: true) : endpoints.Flow(local: true, masquerade: false);
    }

    /// <summary>In words: which of the service's rules a packet met.</summary>
    private static string Rule(ServiceFrontend frontend) => frontend.Kind switch
    {
        FrontendKind.ClusterIp => $"{frontend.Port.Service} port {frontend.Port.Port}, by its cluster IP",
        FrontendKind.NodePort => $"{frontend.Port.Service} port {frontend.Port.Port}, by its node port {frontend.Port.NodePort}",
        FrontendKind.LoadBalancer => $"{frontend.Port.Service} port {frontend.Port.Port}, by its load balancer's address",
        _ => $"{frontend.Port.Service} port {frontend.Port.Port}, by an external IP",
    };

    private static string Lack(ServicePort port) => port switch
    {
        { NotReady: 1 } => "the one that it would have is not ready",
        { NotReady: > 1 } => $"the {port.NotReady} that it would have are not ready",
        { WithoutPort: > 0 } => "what it selects has no port by the name of its targetPort",
        _ => "its EndpointSlices have no address; does a pod match its selector?",
    };

    private static string TrafficPolicy(ServiceFrontend frontend) => frontend.Kind == FrontendKind.ClusterIp
        ? $"internalTrafficPolicy {(frontend.Port.InternalLocal ? "Local" : "Cluster")}"
        : $"externalTrafficPolicy {(frontend.Port.ExternalLocal ? "Local" : "Cluster")}";

    private static string Candidates(ServiceFlow flow)
    {
        var shown = string.Join(", ", flow.Candidates.Take(Shown).Select(endpoint => new SocketAddress(endpoint.Address, endpoint.Port)));
        return flow.Candidates.Length == 1 ? $"one endpoint, {shown}" : $"one of {flow.Candidates.Length} endpoints, {shown}{(flow.Candidates.Length > Shown ? ", ..." : "")}";
    }

    private static bool Admits(ServicePort port, IpAddress source)
    {
        if (port.SourceRanges.IsEmpty) return true;
        foreach (var range in port.SourceRanges)
            if (range.Contains(source)) return true;
        return false;
    }
}
