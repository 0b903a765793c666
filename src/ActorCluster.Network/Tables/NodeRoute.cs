using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Tables;

/// <summary>Where a node is and which pod addresses are behind it.</summary>
/// <param name="ProcessAddress">The Akka address of the process that hosts it (<c>WellKnown.ProcessAddressAnnotation</c>); "" if not known yet.</param>
public sealed record NodeRoute(string Name, ImmutableArray<IpAddress> Addresses, string ProcessAddress, ImmutableArray<IpNetwork> PodCidrs)
{
    /// <summary>Its label topology.kubernetes.io/zone; "" if it has none.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Its condition Ready.</summary>
    public bool IsReady { get; init; }

    /// <summary>When that condition last changed, in seconds; the default if that isn't said.</summary>
    public DateTime ReadySince { get; init; }

    /// <summary>It is being deleted, or tainted as one that soon will be (ToBeDeletedByClusterAutoscaler): no node for load balancers any more.</summary>
    public bool IsLeaving { get; init; }
}
