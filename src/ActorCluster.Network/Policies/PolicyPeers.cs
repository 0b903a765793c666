using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Network.Policies;

/// <summary>Follows what policies' selectors speak of, the cluster's pods and namespaces, for as long as there is a policy; tells an actor of each change.</summary>
internal sealed class PolicyPeers
{
    private readonly Informer<PolicyPod> _pods;
    private readonly Informer<V1Namespace> _namespaces;

    public PolicyPeers(IApiClient api, SimulationContext simulation, IActorRef receiver)
    {
        (_pods, _namespaces) = (new(api, simulation), new(api, simulation));
        _pods.Changed += (old, current) => receiver.Tell(new PodChanged(this, old, current));
        _namespaces.Changed += (old, current) => receiver.Tell(new NamespaceChanged(this, old, current));
        _pods.Start();
        _namespaces.Start();
        TaskOrder.AllInOrderAsync(_pods.Synced, _namespaces.Synced).PipeTo(receiver, useConfigureAwait: true, success: () => new Synced(this));
    }

    public void Stop()
    {
        // Their loops end by themselves; nobody has to wait for that.
        _ = _pods.DisposeAsync().AsTask();
        _ = _namespaces.DisposeAsync().AsTask();
    }

    public sealed record PodChanged(PolicyPeers Peers, PolicyPod? Old, PolicyPod? Current) : INoSerializationVerificationNeeded;

    public sealed record NamespaceChanged(PolicyPeers Peers, V1Namespace? Old, V1Namespace? Current) : INoSerializationVerificationNeeded;

    /// <summary>All pods and namespaces have been told once.</summary>
    public sealed record Synced(PolicyPeers Peers) : INoSerializationVerificationNeeded;
}
