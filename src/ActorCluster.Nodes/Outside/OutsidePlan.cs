using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Nodes.Outside;

/// <summary>A socket that a node should have open on this machine.</summary>
/// <param name="Target">What its connections ask for in the cluster's network.</param>
internal sealed record OutsideSocket(string Service, FrontendKind Kind, IpProtocol Protocol, SocketAddress Target);

/// <summary>
/// Which sockets a node should have open: its own NodePorts, and the load balancers that it answers for. Where a service has both families IPv4 is enough:
/// both lead to the same pods, and have the same place on this machine. Pure.
/// </summary>
internal static class OutsidePlan
{
    public static ImmutableHashSet<OutsideSocket> Of(NetworkTables tables, string node, NodeAddresses addresses)
    {
        var ready = tables.Nodes.Where(candidate => candidate.IsReady).OrderBy(candidate => candidate.ReadySince).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Select(candidate => candidate.Name).ToArray();
        var sockets = ImmutableHashSet.CreateBuilder<OutsideSocket>();
        foreach (var service in tables.Services)
        {
            foreach (var port in service.Ports)
            {
                if (port.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp) || (!port.IsV4 && HasTwin(service, port))) continue;
                var own = port.IsV4 ? addresses.V4 : addresses.V6;
                if (port.NodePort != 0 && !own.IsAny) sockets.Add(new(service.Key, FrontendKind.NodePort, port.Protocol, new(own, port.NodePort)));
                if (service.LoadBalancerIps.IsEmpty || Answering(port, ready) != node) continue;
                foreach (var balancer in service.LoadBalancerIps)
                    if (balancer.IsV4 == port.IsV4) sockets.Add(new(service.Key, FrontendKind.LoadBalancer, port.Protocol, new(balancer, port.Port)));
            }
        }
        return sockets.ToImmutable();
    }

    private static bool HasTwin(ServiceEntry service, ServicePort port)
    {
        foreach (var other in service.Ports)
            if (other.IsV4 && other.Port == port.Port && other.Protocol == port.Protocol) return true;
        return false;
    }

    /// <summary>
    /// The one node that takes a balancer's connections: the one that has been ready for longest, of those with an endpoint if the policy is Local. All nodes find the same, and a node that
    /// comes back takes over nothing: while a socket moves from one process to another nobody answers.
    /// </summary>
    private static string? Answering(ServicePort port, string[] ready)
    {
        if (!port.ExternalLocal) return ready.FirstOrDefault();
        var endpoints = port.Ready.IsEmpty ? port.ServingTerminating : port.Ready;
        return ready.FirstOrDefault(node => endpoints.Any(endpoint => endpoint.NodeName == node)) ?? ready.FirstOrDefault();
    }
}
