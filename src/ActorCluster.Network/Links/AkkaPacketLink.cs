using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Links;

/// <summary>The packet link over Akka.Remote.</summary>
public sealed class AkkaPacketLink(ActorSystem system, SimulationContext simulation) : IPacketLink
{
    /// <summary>Starts the link of this process, with its actor at <see cref="WellKnown.PacketLinkPath"/>. The system's HOCON must include <see cref="NetworkSerialization.Config"/>.</summary>
    public static AkkaPacketLink Start(ActorSystem system, SimulationContext simulation) => new(system, simulation);

    public void Send(NodeRoute destination, Packet packet) => throw new NotSupportedException($"{system}{simulation}");
    public void Attach(string nodeName, IActorRef network) => throw new NotSupportedException();
    public void Detach(string nodeName, IActorRef network) => throw new NotSupportedException();
}
