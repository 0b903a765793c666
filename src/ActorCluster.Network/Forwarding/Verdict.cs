using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>What becomes of a packet on a node.</summary>
internal enum Fate : byte
{
    /// <summary>To a pod of this node.</summary>
    DeliverToPod,

    /// <summary>To the node's own namespace.</summary>
    DeliverToHost,

    /// <summary>Over the link to another node.</summary>
    ForwardToNode,

    /// <summary>The first packet of a flow to a service: its proxy chooses an endpoint.</summary>
    BindService,

    /// <summary>The first packet of a flow to a pod's hostPort: there is only one place for it to go.</summary>
    BindHostPort,

    /// <summary>Refused: the sender is told.</summary>
    Reject,

    /// <summary>Gone without a word.</summary>
    Drop,
}

/// <summary>Why.</summary>
internal enum Reason : byte
{
    LocalPod,
    LocalNode,
    RemoteNode,
    ServiceFlow,
    NewServiceFlow,
    HostPort,
    NoEndpoints,

    /// <summary>A traffic policy keeps the flow on this node, which has no endpoint.</summary>
    NoLocalEndpoints,

    /// <summary>Not among the service's loadBalancerSourceRanges.</summary>
    SourceRange,
    NoSuchServicePort,
    UnassignedServiceAddress,
    NoSuchPod,
    NoRoute,
    TimeToLiveExceeded,
    HostNetworkNotAttached,
    ConntrackFull,
    NotForUs,
    NetworkPolicy,

    /// <summary>A fault that somebody asked for.</summary>
    Fault,

    /// <summary>The two nodes' processes are cut off from each other (<see cref="Contracts.Runtime.LinkCuts"/>).</summary>
    CutOff,
}

/// <summary>A packet's fate, and all that carrying it out takes.</summary>
/// <param name="Packet">The packet as it goes on: translated, one hop on; for refusals, as it came.</param>
/// <param name="Answer">For refusals: which ICMP error (PortUnreachable means RST for TCP).</param>
/// <param name="Policy">For what policies drop: which they are.</param>
internal readonly record struct Verdict(
    Fate Fate,
    Reason Reason,
    Packet Packet,
    IActorRef? Pod = null,
    NodeRoute? Node = null,
    ServiceFlow? Flow = null,
    IcmpKind Answer = default,
    PolicyDecision? Policy = null);
