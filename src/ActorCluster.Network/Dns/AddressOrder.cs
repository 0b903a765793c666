using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>Which of a name's addresses to try first: RFC 6724, with its default policy table (as musl and Go have it), as far as a pod's few addresses make a difference.</summary>
public static class AddressOrder
{
    /// <summary>The lines for IPv6, the longest prefixes first. The one for IPv4 is ::ffff:0:0/96, 35, 4.</summary>
    private static readonly ImmutableArray<(IpNetwork Block, int Precedence, int Label)> Policies =
    [
        (IpNetwork.Parse("::1/128"), 50, 0),
        (IpNetwork.Parse("::/96"), 1, 3),
        (IpNetwork.Parse("2001::/32"), 5, 5),
        (IpNetwork.Parse("2002::/16"), 30, 2),
        (IpNetwork.Parse("3ffe::/16"), 1, 12),
        (IpNetwork.Parse("fec0::/10"), 1, 11),
        (IpNetwork.Parse("fc00::/7"), 3, 13),
        (IpNetwork.Parse("::/0"), 40, 1),
    ];

    /// <param name="own">The addresses of the one who asks, loopback not counted.</param>
    public static IReadOnlyList<IpAddress> Sort(IReadOnlyList<IpAddress> addresses, IReadOnlyList<IpAddress> own) => addresses.Count < 2
        ? addresses
        : [.. addresses.Select(address => (Address: address, Policy: PolicyOf(address), Source: SourceFor(address, own)))
            .OrderByDescending(candidate => candidate.Source is not null) // rule 1: avoid unusable destinations
            .ThenByDescending(candidate => candidate.Source is { } source && PolicyOf(source).Label == candidate.Policy.Label) // rule 5: prefer matching label
            .ThenByDescending(candidate => candidate.Policy.Precedence) // rule 6: prefer higher precedence
            .Select(candidate => candidate.Address)]; // rule 10: else leave the order unchanged

    private static IpAddress? SourceFor(IpAddress destination, IReadOnlyList<IpAddress> own)
    {
        if (destination.IsLoopback) return destination;
        foreach (var address in own)
            if (address.IsV4 == destination.IsV4) return address;
        return null;
    }

    private static (int Precedence, int Label) PolicyOf(IpAddress address)
    {
        if (address.IsV4) return (35, 4);
        foreach (var (block, precedence, label) in Policies)
            if (block.Contains(address)) return (precedence, label);
        return (40, 1);
    }
}
