using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

// What a node and its service proxies say to each other; never leaves the node.

/// <summary>The first packet of a flow: choose an endpoint. The flow carries its candidates, so that choice and tables always agree.</summary>
/// <param name="IsProbe">A trace asks: its choice binds no client.</param>
/// <remarks>The proxy notes itself that it is in use: Akka would make a new timer for each flow.</remarks>
internal sealed record BindFlow(Packet Packet, ServiceFlow Flow, bool IsProbe = false) : INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout;

/// <summary>The answer: the flow goes to this endpoint.</summary>
/// <param name="ByAffinity">Not by chance, but because the client's last flow went there.</param>
internal sealed record FlowBound(Packet Packet, ServiceFlow Flow, ServiceEndpoint Endpoint, bool IsProbe = false, bool ByAffinity = false) : INoSerializationVerificationNeeded;

/// <summary>No new flow for a while: the proxy asks to be stopped, which its parent does when nothing more is on the way to it.</summary>
internal sealed record Passivate(string Service) : INoSerializationVerificationNeeded;
