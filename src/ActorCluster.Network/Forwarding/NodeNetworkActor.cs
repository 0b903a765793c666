using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>A node's data path.</summary>
public sealed class NodeNetworkActor(NodeNetworkOptions options) : UntypedActor
{
    public static Props Props(NodeNetworkOptions options) => Akka.Actor.Props.Create(() => new NodeNetworkActor(options));

    protected override void OnReceive(object message) => throw new NotSupportedException(options.NodeName);
}
