using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

// What a NodeNetworkActor takes, besides plain packets. All of it stays within one process.

/// <summary>Connects a pod: from now on packets to its addresses go to <paramref name="Pod"/> as plain <c>Packet</c> messages.</summary>
/// <param name="Identity">Who the pod is: lets network policies hold from its first packet on, and traces and captures name it.</param>
public sealed record AttachPod(ImmutableArray<IpAddress> Addresses, IActorRef Pod, PodIdentity? Identity = null) : INoSerializationVerificationNeeded
{
    /// <summary>Ports of the node that lead to the pod.</summary>
    public ImmutableArray<HostPort> HostPorts { get; init; } = [];
}

/// <summary>Disconnects a pod. Its flows' conntrack entries go with it.</summary>
public sealed record DetachPod(IActorRef Pod) : INoSerializationVerificationNeeded;

/// <summary>Connects the node's own namespace, which owns the node's address.</summary>
public sealed record AttachHost(NetworkNamespace Host) : INoSerializationVerificationNeeded;

/// <summary>The cluster's new tables; sent by <c>NetworkTablesActor</c> to its subscribers.</summary>
public sealed record ReplaceTables(NetworkTables Tables) : INoSerializationVerificationNeeded;

/// <summary>Answered with <see cref="NodeNetworkStatistics"/>.</summary>
public sealed record GetNodeNetworkStatistics : INoSerializationVerificationNeeded;

/// <param name="Flows">Entries in conntrack.</param>
/// <param name="ServiceProxies">Services that have a proxy actor just now.</param>
/// <param name="Lost">Packets refused or dropped, by reason.</param>
public sealed record NodeNetworkStatistics(int Flows, int ServiceProxies, IReadOnlyDictionary<string, long> Lost) : INoSerializationVerificationNeeded;
