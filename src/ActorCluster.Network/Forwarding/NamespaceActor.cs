using ActorCluster.Network.Dispatching;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tracing;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>A pod's end of its wire to the node: hands the packets that come to the pod's namespace.</summary>
/// <remarks>
/// Child of the pod's actor, so that packets neither wait for the pod's other business nor disturb it. Has no state of its own; on a fault the
/// pod's actor fails as well, because a pod without its network is none.
/// </remarks>
public sealed class NamespaceActor(NetworkNamespace network) : UntypedActor
{
    public static Props Props(NetworkNamespace network, ActorSystem system) => Akka.Actor.Props.Create(() => new NamespaceActor(network)).OnPacketPath(system);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Packet packet: network.Receive(packet); break;
            case ProbeArrival probe: probe.Asker.Tell(Arrival.Complete(probe.Report, network)); break;
            default: Unhandled(message); break;
        }
    }
}
