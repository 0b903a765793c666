using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Forwarding;

/// <summary>Which endpoint a new flow goes to.</summary>
internal interface IEndpointPolicy
{
    /// <returns>Null: there is none.</returns>
    ServiceEndpoint? Pick(ServicePort port, Packet packet, RandomSource random);
}
