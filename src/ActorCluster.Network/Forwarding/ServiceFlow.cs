using System.Collections.Immutable;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Forwarding;

/// <summary>What is settled about a new flow to a service before its endpoint is chosen.</summary>
/// <param name="Candidates">The endpoints that it may go to.</param>
/// <param name="Masquerade">The endpoint is to see the node's address as the sender, so that its answers come back this way.</param>
internal sealed record ServiceFlow(ServicePort Port, ImmutableArray<ServiceEndpoint> Candidates, bool Masquerade);
