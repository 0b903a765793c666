using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>Ports of the node that belong to its pods.</summary>
internal sealed partial class NodeForwarding
{
    /// <summary>Stands for a service's name.</summary>
    private const string HostPortFlows = "hostPort";

    // Immutable, because the node's own namespace reads it from its own threads.
    private volatile ImmutableDictionary<ServiceKey, HostPortEntry> _hostPorts = ImmutableDictionary<ServiceKey, HostPortEntry>.Empty;

    /// <summary>Does a packet of the node's own namespace to one of its own addresses belong to a pod? Thread-safe. (At ::1 none does, as with the CNI plugin portmap.)</summary>
    public bool IsHostPortTraffic(Packet packet) => FlowKey.TryOf(packet, out var key) && key.Destination != IpAddress.LoopbackV6 && TryGetHostPort(key, out _);

    private void AttachHostPorts(ImmutableArray<HostPort> ports, IActorRef pod)
    {
        // The scheduler keeps pods with the same ports apart; where nobody asked it, who came last has them.
        foreach (var port in ports) _hostPorts = _hostPorts.SetItem(new(port.HostIp, port.Port, port.Protocol), new(pod, FlowTo(port, false), FlowTo(port, true)));
    }

    private void DetachHostPorts(IActorRef pod)
    {
        if (!_hostPorts.IsEmpty) _hostPorts = _hostPorts.RemoveRange(_hostPorts.Where(entry => entry.Value.Pod.Equals(pod)).Select(entry => entry.Key));
    }

    private bool TryGetHostPort(in FlowKey key, [MaybeNullWhen(false)] out HostPortEntry entry)
    {
        entry = null;
        var ports = _hostPorts;
        return !ports.IsEmpty
            && (ports.TryGetValue(new(key.Destination, key.DestinationPort, key.Protocol), out entry)
                || ports.TryGetValue(new(key.Destination.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, key.DestinationPort, key.Protocol), out entry));
    }

    /// <summary>The pod sees who asked, except that nobody could answer a loopback address.</summary>
    private static Verdict ToHostPort(Packet packet, HostPortEntry entry, List<TraceStep>? steps)
    {
        var flow = packet.Source.IsLoopback ? entry.Masqueraded : entry.Plain;
        steps?.Add(new("hostPort", $"{flow.Port.Port} is that of the pod with {flow.Candidates[0].Address}"));
        return new(Fate.BindHostPort, Reason.HostPort, packet, Flow: flow);
    }

    private ServiceFlow FlowTo(HostPort port, bool masquerade)
    {
        ImmutableArray<ServiceEndpoint> pod = [new(port.Target.Address, port.Target.Port, nodeName)];
        return new(new ServicePort(HostPortFlows, "", port.Protocol, port.Port, port.HostIp.IsV4, pod, []), pod, masquerade);
    }

    private sealed record HostPortEntry(IActorRef Pod, ServiceFlow Plain, ServiceFlow Masqueraded);
}
