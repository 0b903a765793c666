namespace ActorCluster.Contracts.Wire;

/// <summary>HOCON that an ActorSystem needs to speak Contracts' messages with others.</summary>
public static class ContractsSerialization
{
    /// <summary>Binds the serializer. Every process needs it.</summary>
    public const string Config = """
        akka.actor {
          serializers.actorcluster-contracts = "ActorCluster.Contracts.Wire.ContractsSerializer, ActorCluster.Contracts"
          serialization-bindings {
            "ActorCluster.Contracts.Client.Remote.ToGateway, ActorCluster.Contracts" = actorcluster-contracts
            "ActorCluster.Contracts.Client.Remote.FromGateway, ActorCluster.Contracts" = actorcluster-contracts
            "ActorCluster.Contracts.Streams.OpenContainerStream, ActorCluster.Contracts" = actorcluster-contracts
            "ActorCluster.Contracts.Streams.StreamFrame, ActorCluster.Contracts" = actorcluster-contracts
            "ActorCluster.Contracts.Tables.AwaitEndpointSlices, ActorCluster.Contracts" = actorcluster-contracts
            "ActorCluster.Contracts.Tables.EndpointSlicesApplied, ActorCluster.Contracts" = actorcluster-contracts
          }
        }
        """;

    /// <summary>
    /// What these messages ask of the remoting: frames that hold the largest object the API takes (3 MiB) with room to spare, and a lost
    /// partner tried again soon.
    /// </summary>
    public const string RemotingConfig = """
        akka.remote {
          retry-gate-closed-for = 1s
          dot-netty.tcp {
            maximum-frame-size = 8 MiB
            send-buffer-size = 1 MiB
            receive-buffer-size = 1 MiB
          }
        }
        """;
}
