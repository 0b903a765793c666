using System.Collections.Immutable;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Nodes.Agent;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>What a pod's containers share but its volumes: the network namespace and the addresses.</summary>
internal sealed class PodSandbox : IDisposable
{
    private readonly NodeServices _node;
    private readonly IActorContext _pod;
    private readonly IActorRef _wire;
    private readonly NetworkNamespace? _own;
    private IActorRef _receiver;

    private PodSandbox(NodeServices node, IActorContext pod, IActorRef wire, NetworkNamespace? own)
    {
        (_node, _pod, _wire, _own, _receiver) = (node, pod, wire, own, wire);
        Network = own ?? node.HostNetwork;
        PodIPs = own is null ? node.HostIPs : [.. own.Addresses.Select(address => address.ToString())];
    }

    public INetworkNamespace Network { get; }

    public ImmutableArray<string> PodIPs { get; }

    /// <param name="parent">The pod's actor, which gets a child for its packets and watches it.</param>
    /// <returns>Null if the node has no address left.</returns>
    public static PodSandbox? TryCreate(V1Pod pod, NodeServices node, IActorContext parent)
    {
        if (pod.Spec.HostNetwork == true) return new PodSandbox(node, parent, ActorRefs.Nobody, null);
        if (!node.Addresses.TryTake(out var addresses)) return null;
        var network = node.Network;
        var options = new NetworkNamespaceOptions { Name = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", Addresses = addresses };
        var own = new NetworkNamespace(options, node.Simulation, packet => network.Tell(packet, ActorRefs.NoSender));
        var wire = parent.Watch(parent.ActorOf(NamespaceActor.Props(own, parent.System)));
        network.Tell(new AttachPod(addresses, wire, PodIdentities.Of(pod)) { HostPorts = PodHostPorts.Of(pod, addresses) }, parent.Self);
        return new PodSandbox(node, parent, wire, own);
    }

    /// <summary>The pod's packets go to another actor. A pod on its node's own network has none of its own.</summary>
    public void Divert(V1Pod pod, IActorRef receiver)
    {
        if (_own is null) return;
        _node.Network.Tell(new DetachPod(_receiver), _pod.Self);
        _receiver = receiver;
        _node.Network.Tell(new AttachPod([.. _own.Addresses], receiver, PodIdentities.Of(pod)) { HostPorts = PodHostPorts.Of(pod, [.. _own.Addresses]) }, _pod.Self);
    }

    /// <summary>Is this the child that takes the pod's packets?</summary>
    public bool IsWire(IActorRef actor) => actor.Equals(_wire);

    public void Dispose()
    {
        if (_own is null) return;
        _node.Network.Tell(new DetachPod(_receiver), _pod.Self);
        _pod.Stop(_pod.Unwatch(_wire));
        _own.Dispose();
        _node.Addresses.Return(_own.Addresses[0]);
    }
}
