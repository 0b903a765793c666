using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tracing;
using ActorCluster.Nodes.Agent;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.TestKit.Networking;

/// <summary>
/// A pod whose network is an actor of the test's, such as Akka's TestProbe: the actor gets each <see cref="Packet"/> that comes to the pod, and what it answers to the sender leaves
/// from the pod, through its node's tables and policies.
/// </summary>
public sealed class ProbePod
{
    private readonly TestCluster _cluster;
    private readonly PodNetwork _network;

    private ProbePod(TestCluster cluster, string ns, string name, PodNetwork network) =>
        (_cluster, Namespace, Name, _network) = (cluster, ns, name, network);

    public string Namespace { get; }

    public string Name { get; }

    /// <summary>The pod's, the primary one first.</summary>
    public ImmutableArray<IpAddress> Addresses => _network.Addresses;

    /// <summary>Sends a packet from the pod. Its source should be one of the pod's addresses.</summary>
    public void Send(Packet packet) => _cluster.RunAndWait(() =>
    {
        _network.Wire.Tell(packet, ActorRefs.NoSender);
        return Task.FromResult(true);
    });

    internal static async Task<ProbePod> StartAsync(TestCluster cluster, IActorRef actor, string ns, string name, IReadOnlyDictionary<string, string>? labels)
    {
        await cluster.Client.CreateAsync(new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns, Labels = labels?.ToDictionary() },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "probe", Image = "registry.k8s.io/pause" }] },
        });
        var pod = await cluster.Pod(name, ns).ShouldBeReadyAsync();
        return await cluster.RunAsync(async () =>
        {
            var network = await cluster.Inner.Nodes.Ask<PodNetwork>(new GetPodNetwork(pod.Spec.NodeName, pod.Metadata.Uid));
            var relay = cluster.Inner.System.ActorOf(Props.Create(() => new Relay(actor, network.Wire)), $"probe-{ns}-{name}");
            await cluster.Inner.Nodes.Ask<PodNetwork>(new DivertPod(pod.Spec.NodeName, pod.Metadata.Uid, relay));
            return new ProbePod(cluster, ns, name, network);
        });
    }

    /// <summary>Between the node's network and the test's actor, which is of another actor system. Holds nothing.</summary>
    private sealed class Relay(IActorRef actor, IActorRef wire) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Packet packet when Sender.Equals(actor): wire.Tell(packet, ActorRefs.NoSender); break;
                case Packet packet: actor.Tell(packet, Self); break;
                case ProbeArrival probe: probe.Asker.Tell(probe.Report.With("socket", "a test's actor takes all that comes")); break;
                default: Unhandled(message); break;
            }
        }
    }
}
