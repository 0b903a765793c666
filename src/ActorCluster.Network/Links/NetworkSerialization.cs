namespace ActorCluster.Network.Links;

/// <summary>HOCON that every ActorSystem of the cluster includes.</summary>
public static class NetworkSerialization
{
    /// <summary>Binds the packet types to their binary serializer.</summary>
    public const string Config = """

        akka.actor {
          serializers.actorcluster-packets = "ActorCluster.Network.Links.PacketBatchSerializer, ActorCluster.Network"
          serialization-bindings {
            "ActorCluster.Network.Packets.Packet, ActorCluster.Network" = actorcluster-packets
            "ActorCluster.Network.Links.PacketBatch, ActorCluster.Network" = actorcluster-packets
            "ActorCluster.Network.Links.GetDirectLink, ActorCluster.Network" = actorcluster-packets
            "ActorCluster.Network.Links.DirectLinkOffer, ActorCluster.Network" = actorcluster-packets
          }
          serialization-identifiers {
            "ActorCluster.Network.Links.PacketBatchSerializer, ActorCluster.Network" = 7201
          }
        }
        """;
}
