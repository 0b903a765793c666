using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>Zones as a Corefile names them, and names below them: lower case without the final dot; "" is the root.</summary>
internal static class DnsZoneNames
{
    /// <summary>A zone, or those of a block of addresses: 10.96.0.0/15 is 96.10.in-addr.arpa and 97.10.in-addr.arpa.</summary>
    public static ImmutableArray<string> Normalize(string word) =>
        word.Contains('/', StringComparison.Ordinal) && IpNetwork.TryParse(word, out var network) ? Reverse(network) : [word.TrimEnd('.').ToLowerInvariant()];

    public static ImmutableArray<string> Normalize(IEnumerable<string> words) => [.. words.SelectMany(word => Normalize(word))];

    public static bool IsBelow(string name, string zone) =>
        zone.Length == 0 || name.Equals(zone, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + zone, StringComparison.OrdinalIgnoreCase);

    /// <summary>The longest of the zones that the name is in.</summary>
    public static string? Longest(IEnumerable<string> zones, string name) => zones.Where(zone => IsBelow(name, zone)).MaxBy(zone => zone.Length);

    public static bool IsReverse(string zone) => IsBelow(zone, "in-addr.arpa") || IsBelow(zone, "ip6.arpa");

    /// <summary>With its final dot, as it is printed.</summary>
    public static string Absolute(string name) => name + ".";

    /// <summary>A zone for each value of the last byte (IPv6: hexadecimal digit) that the block has a part of.</summary>
    private static ImmutableArray<string> Reverse(IpNetwork network)
    {
        var (unit, all) = network.Base.IsV4 ? (8, 4) : (4, 32);
        var known = (network.Prefix + unit - 1) / unit;
        var labels = StubResolver.ReverseName(network.Base).Split('.')[(all - known)..];
        if (known == 0) return [string.Join('.', labels)];
        var (first, radix) = (Convert.ToInt32(labels[0], network.Base.IsV4 ? 10 : 16), network.Base.IsV4 ? 10 : 16);
        return [.. Enumerable.Range(first, 1 << ((known * unit) - network.Prefix)).Select(value => string.Join('.', labels[1..].Prepend(Convert.ToString(value, radix))))];
    }
}
