using System.Net;
using System.Net.Sockets;
using ActorCluster.Api.Allocation;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Validation;

/// <summary>What addresses in objects must be (apimachinery/pkg/util/validation/ip.go, pkg/apis/core/validation: ValidateEndpointIP).</summary>
internal static class IpRules
{
    public static bool IsIp(string text) => Ipv4.Parse(text) is not null || IsIpv6(text);

    public static bool IsIpv6(string text) => text.Contains(':', StringComparison.Ordinal)
        && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>An address of the family that an EndpointSlice says.</summary>
    public static void Endpoint(string text, string family, string path, FieldErrors errors)
    {
        if (!IsIp(text)) errors.Invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        else
        {
            if (IsIpv6(text) != (family == "IPv6")) errors.Invalid(path[..path.LastIndexOf('[')], text, $"must be an {family} address");
            Range(text, path, errors);
        }
    }

    public static void EndpointAddress(string text, string path, FieldErrors errors)
    {
        if (!IsIp(text)) errors.Invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        else Range(text, path, errors);
    }

    private static void Range(string text, string path, FieldErrors errors)
    {
        var address = IPAddress.Parse(text);
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) errors.Invalid(path, text, $"may not be unspecified ({text})");
        if (IPAddress.IsLoopback(address)) errors.Invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        if (address.IsIPv6LinkLocal || text.StartsWith("169.254.", StringComparison.Ordinal))
        {
            errors.Invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        if (text.StartsWith("224.0.0.", StringComparison.Ordinal) || text.StartsWith("ff02:", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}
