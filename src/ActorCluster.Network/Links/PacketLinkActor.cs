using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Event;

namespace ActorCluster.Network.Links;

/// <summary>Takes the packets that other processes send to this one's nodes.</summary>
/// <remarks>At WellKnown.PacketLinkPath, child of the user guardian. Has no state; a restart loses nothing.</remarks>
internal sealed class PacketLinkActor(AkkaPacketLink link) : UntypedActor
{
    public static Props Props(AkkaPacketLink link) => Akka.Actor.Props.Create(() => new PacketLinkActor(link));

    // What Akka could not send comes back as a dead letter: the only loss we can count.
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Context.System.EventStream.Subscribe(Self, typeof(ProcessReachabilityChanged));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PacketBatch batch: link.OnBatch(batch); break;
            case GetDirectLink: if (link.Offer is { } own) Sender.Tell(own, Self); break;
            case DirectLinkOffer offer: link.OnOffer(Sender.Path.Address.ToString(), offer); break;
            case ProcessReachabilityChanged { Reachable: false } lost: link.OnUnreachable(lost.Address); break;
            case ProcessReachabilityChanged: break;
            case DeadLetter { Message: PacketBatch lost }: link.Counters.AddLost(lost.Packets.Length); break;
            case DeadLetter: break;
            default: Unhandled(message); break;
        }
    }
}
