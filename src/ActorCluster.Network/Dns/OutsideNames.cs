using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>Names outside the cluster that its user gave it, lower case without final dot; DNS servers answer them besides those of their own configuration.</summary>
public sealed record OutsideNames(ImmutableDictionary<string, ImmutableArray<IpAddress>> Addresses);
