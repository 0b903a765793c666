using ActorCluster.Network.Addresses;
using ActorCluster.Network.Faults;

namespace ActorCluster.TestKit.Faults;

/// <summary>Ends of faults that are no pods (<see cref="Pods"/>).</summary>
public static class Ends
{
    /// <summary>Nodes with all that is on them, by their names; a fault of one that the cluster hasn't (<see cref="TestCluster.NodeNames"/>) fails when it is added.</summary>
    public static FaultEnds Nodes(params IEnumerable<string> names) => new FaultEnds.Nodes([.. names]);

    /// <summary>Services, by their addresses and their endpoints'; NAME or NAMESPACE/NAME. They may come later: there is no failure where there is none of that name.</summary>
    public static FaultEnds Services(params IEnumerable<string> names) => new FaultEnds.Services([.. names.Select(DnsName)]);

    /// <summary>Addresses, wherever they are, or blocks of them in CIDR notation.</summary>
    /// <exception cref="FormatException">One of them is neither.</exception>
    public static FaultEnds Addresses(params IEnumerable<string> addresses) => new FaultEnds.Networks([.. addresses.Select(Block)]);

    /// <summary>Whoever is at one of these.</summary>
    public static FaultEnds Any(params IEnumerable<FaultEnds> ends) => new FaultEnds.Any([.. ends]);

    private static string DnsName(string name) => name.Split('/') is [var ns, var own] ? $"{own}.{ns}" : $"{name}.default";

    private static IpNetwork Block(string text) => IpAddress.TryParse(text, out var address) ? new(address, address.IsV4 ? 32 : 128) : IpNetwork.Parse(text);
}
