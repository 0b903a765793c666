using System.Globalization;

namespace ActorCluster.Network.Addresses;

/// <summary>An address and a port, "10.244.1.5:80" or "[fd00::1]:80".</summary>
public readonly record struct SocketAddress(IpAddress Address, ushort Port)
{
    public override string ToString() => Address.IsV4
        ? string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}");
}
