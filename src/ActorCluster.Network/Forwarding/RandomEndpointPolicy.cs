using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Forwarding;

/// <summary>Any ready endpoint, each as likely; while none is ready, any that terminates but still serves (pkg/proxy/topology.go).</summary>
internal sealed class RandomEndpointPolicy : IEndpointPolicy
{
    public static readonly RandomEndpointPolicy Instance = new();

    private RandomEndpointPolicy() { }

    public ServiceEndpoint? Pick(ServicePort port, Packet packet, RandomSource random)
    {
        var candidates = port.Ready.IsEmpty ? port.ServingTerminating : port.Ready;
        return candidates.IsEmpty ? null : candidates[random.Next(candidates.Length)];
    }
}
