using System.Globalization;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>
/// What a pod's interface eth0 looks like from inside. A namespace knows only addresses; link, prefix and gateway are as the
/// usual bridge network has them: the node's block of 256 addresses (IPv6: a /64), whose first address is the gateway.
/// </summary>
internal static class PodInterface
{
    public const string Name = "eth0";
    public const int MaximumTransmissionUnit = 65535;
    public const int LoopbackTransmissionUnit = 65536;

    public static int Prefix(IpAddress address) => address.IsV4 ? 24 : 64;

    public static IpNetwork Network(IpAddress address) => new(address, Prefix(address));

    public static IpAddress Gateway(IpAddress address)
    {
        var first = Network(address).Base;
        return first with { Low = first.Low + 1 };
    }

    public static IpAddress Broadcast(IpAddress address) => IpAddress.FromV4(Network(address).Base.V4Bits | 0xff);

    /// <summary>As CNI plugins make it of the address, so that it is the same in each run.</summary>
    public static string HardwareAddress(IReadOnlyList<IpAddress> addresses)
    {
        var bits = addresses.Count == 0 ? 0 : (uint)addresses[0].Low;
        return string.Create(CultureInfo.InvariantCulture, $"0a:58:{bits >> 24:x2}:{(bits >> 16) & 0xff:x2}:{(bits >> 8) & 0xff:x2}:{bits & 0xff:x2}");
    }
}
