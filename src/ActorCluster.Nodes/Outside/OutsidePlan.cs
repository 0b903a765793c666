using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Nodes.Outside;

/// <summary>A socket that a node should have open on this machine.</summary>
/// <param name="Target">What its connections ask for in the cluster's network.</param>
internal sealed record OutsideSocket(string Service, FrontendKind Kind, IpProtocol Protocol, SocketAddress Target);

/// <summary>Which sockets a node should have open: its own NodePorts, and the load balancers that it answers for. Pure.</summary>
internal static class OutsidePlan
{
    public static ImmutableHashSet<OutsideSocket> Of(NetworkTables tables, string node, IpAddress address)
    {
        var ready = tables.Nodes.Where(candidate => candidate.IsReady).Select(candidate => candidate.Name).Order(StringComparer.Ordinal).ToArray();
        var sockets = ImmutableHashSet.CreateBuilder<OutsideSocket>();
        foreach (var service in tables.Services)
        {
            foreach (var port in service.Ports)
            {
                if (!port.IsV4 || port.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp)) continue;
                if (port.NodePort != 0) sockets.Add(new(service.Key, FrontendKind.NodePort, port.Protocol, new(address, port.NodePort)));
                if (service.LoadBalancerIps.IsEmpty || Answering(port, ready) != node) continue;
                foreach (var balancer in service.LoadBalancerIps)
                    if (balancer.IsV4) sockets.Add(new(service.Key, FrontendKind.LoadBalancer, port.Protocol, new(balancer, port.Port)));
            }
        }
        return sockets.ToImmutable();
    }

    /// <summary>The one node that takes a balancer's connections: the first that is ready, of those with an endpoint if the policy is Local. All nodes find the same.</summary>
    private static string? Answering(ServicePort port, string[] ready)
    {
        if (!port.ExternalLocal) return ready.FirstOrDefault();
        var endpoints = port.Ready.IsEmpty ? port.ServingTerminating : port.Ready;
        return ready.FirstOrDefault(node => endpoints.Any(endpoint => endpoint.NodeName == node)) ?? ready.FirstOrDefault();
    }
}
