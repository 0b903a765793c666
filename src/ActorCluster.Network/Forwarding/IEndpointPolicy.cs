using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Forwarding;

/// <summary>Which of several endpoints a new flow goes to.</summary>
internal interface IEndpointPolicy
{
    /// <param name="candidates">At least one.</param>
    ServiceEndpoint Pick(ImmutableArray<ServiceEndpoint> candidates, RandomSource random);
}
