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

public sealed record HostedNodes(System.Collections.Immutable.ImmutableArray<string> Names) : INoSerializationVerificationNeeded;
