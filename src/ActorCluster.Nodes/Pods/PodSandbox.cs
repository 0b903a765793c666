using System.Collections.Immutable;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tracing;
using ActorCluster.Nodes.Agent;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>What a pod's containers share but its volumes: the network namespace and the addresses.</summary>
internal sealed class PodSandbox : IDisposable
{
    private readonly NodeServices _node;
    private readonly IActorRef _pod;
    private readonly NetworkNamespace? _own;

    private PodSandbox(NodeServices node, IActorRef pod, NetworkNamespace? own)
    {
        (_node, _pod, _own) = (node, pod, own);
        Network = own ?? node.HostNetwork;
        PodIPs = own is null ? node.HostIPs : [.. own.Addresses.Select(address => address.ToString())];
    }

    public INetworkNamespace Network { get; }

    public ImmutableArray<string> PodIPs { get; }

    /// <param name="actor">Gets the pod's packets.</param>
    /// <returns>Null if the node has no address left.</returns>
    public static PodSandbox? TryCreate(V1Pod pod, NodeServices node, IActorRef actor)
    {
        if (pod.Spec.HostNetwork == true) return new PodSandbox(node, actor, null);
        if (!node.Addresses.TryTake(out var addresses)) return null;
        var network = node.Network;
        var options = new NetworkNamespaceOptions { Name = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", Addresses = addresses };
        var own = new NetworkNamespace(options, node.Simulation, packet => network.Tell(packet, actor));
        network.Tell(new AttachPod(addresses, actor, PodIdentities.Of(pod)) { HostPorts = PodHostPorts.Of(pod, addresses) }, actor);
        return new PodSandbox(node, actor, own);
    }

    public void Receive(Packet packet) => _own?.Receive(packet);

    public TraceReport Complete(TraceReport report) => Arrival.Complete(report, _own);

    public void Dispose()
    {
        if (_own is null) return;
        _node.Network.Tell(new DetachPod(_pod), _pod);
        _own.Dispose();
        _node.Addresses.Return(_own.Addresses[0]);
    }
}
