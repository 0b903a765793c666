using System.Globalization;
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

    /// <summary>IsValidIPForLegacyField: any address in one of the forms that are read alike everywhere.</summary>
    public static void Address(string text, string path, FieldErrors errors)
    {
        foreach (var fault in Faults(text)) errors.Invalid(path, text, fault);
    }

    /// <summary>IsValidIP: an address in the one form that is right (RFC 5952).</summary>
    public static IEnumerable<string> CanonicalFaults(string text)
    {
        var faults = Faults(text).ToList();
        if (faults.Count == 0 && IpNumber.Parse(text)?.ToString() is { } canonical && canonical != text) faults.Add($"must be in canonical form ({FieldError.GoQuote(canonical)})");
        return faults;
    }

    private static IEnumerable<string> Faults(string text)
    {
        if (IsIp(text))
        {
            if (IPAddress.Parse(text).IsIPv4MappedToIPv6) yield return "must not be an IPv4-mapped IPv6 address";
            yield break;
        }
        var parts = text.Split('.');
        yield return parts.Length == 4 && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit) && byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? "must not have leading 0s"
            : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    }

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
