using System.Globalization;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>Hosts and ports as busybox's tools take them on the command line.</summary>
internal static class Hosts
{
    private static readonly Dictionary<string, ushort> Services = new(StringComparer.Ordinal)
    {
        ["ftp"] = 21, ["ssh"] = 22, ["telnet"] = 23, ["smtp"] = 25, ["domain"] = 53, ["http"] = 80, ["pop3"] = 110, ["ntp"] = 123, ["imap2"] = 143, ["https"] = 443, ["http-alt"] = 8080,
    };

    /// <param name="v4">Only this family; null for IPv4 if there is such an address, else IPv6 (busybox is built with FEATURE_PREFER_IPV4_ADDRESS).</param>
    /// <param name="shown">What the message calls it, if not by its name alone.</param>
    /// <exception cref="ToolException">bad address 'x'.</exception>
    public static async Task<IpAddress> ResolveAsync(ToolContext tool, string host, bool? v4 = null, string? shown = null)
    {
        foreach (var address in (await HostNames.ResolveAsync(tool.Process, host, tool.Killed)).OrderByDescending(address => address.IsV4))
        {
            if (v4 is null || address.IsV4 == v4) return address;
        }
        throw new ToolException($"bad address '{shown ?? host}'");
    }

    /// <summary>"10.0.0.1:80", "[fd00::1]:80", "web" or "fd00::1": the host and, if there is one, its port.</summary>
    public static (string Host, ushort? Port) Split(string text)
    {
        if (text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 0 and var bracket)
        {
            var rest = text[(bracket + 1)..];
            return (text[1..bracket], rest.StartsWith(':') ? Port(rest[1..]) : null);
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || text.IndexOf(':', colon + 1) >= 0 ? (text, null) : (text[..colon], Port(text[(colon + 1)..]));
    }

    /// <exception cref="ToolException">bad port 'x'.</exception>
    public static ushort Port(string text)
    {
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return port;
        return Services.TryGetValue(text, out port) ? port : throw new ToolException($"bad port '{text}'");
    }

    public static IpAddress AnyFor(IpAddress remote) => remote.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6;
}
