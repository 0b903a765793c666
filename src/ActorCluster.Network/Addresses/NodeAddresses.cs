using System.Collections.Immutable;

namespace ActorCluster.Network.Addresses;

/// <summary>A node's own addresses, at most one of each family. Where a family is missing its field is <see cref="IpAddress.AnyV6"/>, which no packet comes from.</summary>
public readonly record struct NodeAddresses(IpAddress V4, IpAddress V6)
{
    /// <summary>The addresses there are, IPv4 first.</summary>
    public ImmutableArray<IpAddress> All => [.. ((IpAddress[])[V4, V6]).Where(address => !address.IsAny)];

    /// <summary>The first address of each family.</summary>
    public static NodeAddresses Of(IEnumerable<IpAddress> addresses)
    {
        var all = addresses.ToArray();
        return new(all.FirstOrDefault(address => address.IsV4), all.FirstOrDefault(address => !address.IsV4));
    }

    /// <summary>The address under which the node deals with another address: the one of its family.</summary>
    public IpAddress Towards(IpAddress other) => other.IsV4 ? V4 : V6;

    public bool Contains(IpAddress address) => address == (address.IsV4 ? V4 : V6) && !address.IsAny;
}
