using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Akka.Actor;

namespace ActorCluster.Nodes.Agent;

// What NodesActor takes, from within its process; each is answered to its sender.

/// <summary>Starts a node; answered with <see cref="NodeAdded"/> as soon as its actor exists (the API tells when it is Ready), or with a failure when it runs already.</summary>
public sealed record AddNode(NodeOptions Node) : INoSerializationVerificationNeeded;

public sealed record NodeAdded(string Name, IActorRef Node) : INoSerializationVerificationNeeded;

/// <summary>Ends a node as a power cut does: nothing is told to the API, no container gets a signal it could handle. Answered with <see cref="NodeStopped"/>.</summary>
public sealed record KillNode(string Name) : INoSerializationVerificationNeeded;

/// <summary>
/// Shuts a node down in an orderly way: it reports NotReady, its pods end with their grace and are reported as Failed with reason Terminated; the Node
/// object stays. Answered with <see cref="NodeStopped"/>.
/// </summary>
public sealed record StopNode(string Name) : INoSerializationVerificationNeeded;

/// <summary>The node's actors have ended (or there were none).</summary>
public sealed record NodeStopped(string Name) : INoSerializationVerificationNeeded;

/// <summary>Which nodes this process hosts now; answered with <see cref="HostedNodes"/>.</summary>
public sealed record GetNodes : INoSerializationVerificationNeeded;

/// <param name="Names">All of them.</param>
/// <param name="Paused">Those of them that <see cref="PauseNode"/> holds.</param>
public sealed record HostedNodes(ImmutableArray<string> Names, ImmutableArray<string> Paused) : INoSerializationVerificationNeeded;

/// <summary>
/// Stops all that happens on a node, as SIGSTOP does with a process: its agents, its pods' programs, its packets wait until <see cref="ResumeNode"/>. Needs
/// <see cref="NodesOptions.CanPause"/>. Answered with <see cref="NodePaused"/>; with a failure where there is no such node.
/// </summary>
public sealed record PauseNode(string Name) : INoSerializationVerificationNeeded;

/// <summary>A paused node goes on. Answered with <see cref="NodePaused"/>.</summary>
public sealed record ResumeNode(string Name) : INoSerializationVerificationNeeded;

/// <summary>
/// Sets a node's clock ahead of all others', or back: its agents and its pods' programs take that for the time of day, from now on and also when the node is started anew. Needs
/// <see cref="NodesOptions.CanPause"/>. Answered with <see cref="NodeSkewed"/>; with a failure where there is no such node.
/// </summary>
public sealed record SkewNode(string Name, TimeSpan Skew) : INoSerializationVerificationNeeded;

public sealed record NodeSkewed(string Name, TimeSpan Skew) : INoSerializationVerificationNeeded;

public sealed record NodePaused(string Name, bool IsPaused) : INoSerializationVerificationNeeded;

/// <summary>About a pod of a node of this process; answered with <see cref="PodNetwork"/>.</summary>
public interface IPodQuestion : INoSerializationVerificationNeeded
{
    string Node { get; }
    string Uid { get; }
}

/// <summary>Asks for a pod's network.</summary>
public sealed record GetPodNetwork(string Node, string Uid) : IPodQuestion;

/// <summary>From now on the pod's packets go to an actor instead of its own network. What that actor sends to <see cref="PodNetwork.Wire"/> comes from the pod.</summary>
public sealed record DivertPod(string Node, string Uid, IActorRef Receiver) : IPodQuestion;

/// <param name="Network">Null: the pod doesn't run on that node, or has no network now.</param>
/// <param name="Addresses">The pod's.</param>
/// <param name="ResolvConf">Its /etc/resolv.conf.</param>
/// <param name="Hosts">Its /etc/hosts.</param>
/// <param name="Wire">Takes the packets that the pod sends: its node's <c>NodeNetworkActor</c>.</param>
public sealed record PodNetwork(INetworkNamespace? Network, ImmutableArray<IpAddress> Addresses, string ResolvConf, string Hosts, IActorRef Wire) : INoSerializationVerificationNeeded
{
    public static readonly PodNetwork None = new(null, [], "", "", ActorRefs.Nobody);
}
