using System.Collections.Immutable;
using ActorCluster.Network.Packets;
using Akka.Actor;

namespace ActorCluster.Network.Tracing;

/// <summary>
/// To a node's <c>NodeNetworkActor</c>: what would become of this packet? It takes the same way as a real one, up to the socket that it would reach, and is
/// not delivered. Answered with a <see cref="TraceReport"/>. Its source port should be 0, which no program has.
/// </summary>
/// <param name="IsFirst">The packet is at its sender's node; else it comes from another one.</param>
public sealed record TracePacket(Packet Packet, bool IsFirst) : INoSerializationVerificationNeeded;

/// <summary>How a traced packet's way ends on one node.</summary>
public enum TraceOutcome
{
    /// <summary>There is a socket for it.</summary>
    Delivered,

    /// <summary>It goes on to another node.</summary>
    Forwarded,

    /// <summary>Its sender would be told: by a RST or an ICMP error.</summary>
    Refused,

    /// <summary>Nobody would be told.</summary>
    Dropped,
}

/// <summary>One thing that happened to a packet on the way to its verdict.</summary>
public readonly record struct TraceStep(string Stage, string Detail);

/// <param name="Node">The node that was asked.</param>
/// <param name="Reason">The verdict's reason, one word.</param>
/// <param name="Packet">The packet as it goes on, or as it ended.</param>
/// <param name="NextNode">For <see cref="TraceOutcome.Forwarded"/>: where to ask next.</param>
public sealed record TraceReport(string Node, ImmutableArray<TraceStep> Steps, TraceOutcome Outcome, string Reason, Packet Packet, string? NextNode = null) : INoSerializationVerificationNeeded
{
    public TraceReport With(string stage, string detail) => this with { Steps = Steps.Add(new(stage, detail)) };
}

/// <summary>From a node's network to the pod that a traced packet has reached: complete the report by <see cref="Arrival.Complete"/> and send it to <paramref name="Asker"/>.</summary>
public sealed record ProbeArrival(TraceReport Report, IActorRef Asker) : INoSerializationVerificationNeeded;
