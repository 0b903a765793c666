using System.Collections.Immutable;
using ActorCluster.Network.Packets;
using Akka.Actor;

namespace ActorCluster.Network.Capturing;

/// <summary>
/// To a node's <c>NodeNetworkActor</c>: from now on, hand on what the node's pods send and get. Both are as the pod sees them: sent before translation,
/// got after it. Taken off by <see cref="StopCapture"/>.
/// </summary>
/// <param name="Sink">Is called by the actor for each packet, so it must be quick; it may not throw.</param>
/// <param name="Pods">"namespace/name"; none: all pods.</param>
public sealed record StartCapture(Action<CapturedPacket> Sink, ImmutableHashSet<string> Pods) : INoSerializationVerificationNeeded;

public sealed record StopCapture(Action<CapturedPacket> Sink) : INoSerializationVerificationNeeded;

/// <param name="Nanoseconds">Since 1970, on the simulation's clock.</param>
/// <param name="Pod">"namespace/name".</param>
/// <param name="IsInbound">The pod gets it; else it sends it.</param>
/// <param name="Note">What faults did to it; null: nothing.</param>
public readonly record struct CapturedPacket(long Nanoseconds, string Pod, bool IsInbound, Packet Packet, string? Note = null);
