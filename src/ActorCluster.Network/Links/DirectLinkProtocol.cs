using System.Collections.Immutable;

namespace ActorCluster.Network.Links;

// What two processes' links say to each other by Akka, so that packets needn't go that way.

/// <summary>Where may I bring you packets? Answered with <see cref="DirectLinkOffer"/>, or not at all.</summary>
internal sealed record GetDirectLink;

/// <param name="Port">Of a TCP socket at the host that the process's Akka address names.</param>
/// <param name="Secret">By which the ends of a connection know each other. Whoever may join the cluster may know it.</param>
internal sealed record DirectLinkOffer(ushort Port, ImmutableArray<byte> Secret);
