using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Forwarding;

/// <summary>Any of them, each as likely.</summary>
internal sealed class RandomEndpointPolicy : IEndpointPolicy
{
    public static readonly RandomEndpointPolicy Instance = new();

    private RandomEndpointPolicy() { }

    public ServiceEndpoint Pick(ImmutableArray<ServiceEndpoint> candidates, RandomSource random) => candidates[random.Next(candidates.Length)];
}
