using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Links;

namespace ActorCluster.Network.Forwarding;

/// <param name="NodeAddresses">The node's own addresses: sources of ICMP errors and of masqueraded flows. Packets to them go to the host namespace (<see cref="AttachHost"/>).</param>
public sealed record NodeNetworkOptions(string NodeName, NodeAddresses NodeAddresses, SimulationContext Simulation, IPacketLink Link)
{
    /// <summary>A node with one address.</summary>
    public NodeNetworkOptions(string nodeName, IpAddress nodeAddress, SimulationContext simulation, IPacketLink link)
        : this(nodeName, NodeAddresses.Of([nodeAddress]), simulation, link) { }

    /// <summary>How long a service's proxy actor stays without a new flow, at least; it looks no more often than that.</summary>
    public TimeSpan ServiceProxyIdle { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Told what becomes of each packet, on the node's own turn, so it must be quick; it may not throw. Null: nobody.</summary>
    public Action<ObservedPacket>? Observer { get; init; }

    /// <summary>Flows that conntrack remembers at most (Linux net.netfilter.nf_conntrack_max as kube-proxy sets it is 32768 a core).</summary>
    public int ConntrackMaximum { get; init; } = 131072;
}
