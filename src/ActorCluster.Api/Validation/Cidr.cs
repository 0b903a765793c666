using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Validation;

/// <summary>An address block as users write it, and what is wrong with how they do (apimachinery/pkg/util/validation/ip.go, parseCIDR).</summary>
internal sealed class Cidr
{
    private readonly byte[] _address;

    private Cidr(byte[] address, int prefix, bool hasLeadingZeros, bool isMapped) =>
        (_address, Prefix, HasLeadingZeros, IsMapped) = (address, prefix, hasLeadingZeros, isMapped);

    public int Prefix { get; }

    public bool IsV6 => _address.Length == 16;

    private bool HasLeadingZeros { get; }

    /// <summary>An IPv4 address in the guise of an IPv6 one.</summary>
    private bool IsMapped { get; }

    /// <summary>Reads a block that may still be faulty in the ways that <see cref="Validate"/> names.</summary>
    /// <returns>Null: this is no address block at all.</returns>
    public static Cidr? Parse(string text)
    {
        if (text.Split('/') is not [var address, var prefix]) return null;
        if (prefix.Length == 0 || !prefix.All(char.IsAsciiDigit) || !int.TryParse(prefix, NumberStyles.None, CultureInfo.InvariantCulture, out var length)) return null;
        var zeros = prefix.Length > 1 && prefix[0] == '0';
        if (!address.Contains(':', StringComparison.Ordinal))
        {
            var parts = address.Split('.');
            if (parts.Length != 4 || length > 32) return null;
            var bytes = new byte[4];
            for (var i = 0; i < 4; i++)
            {
                if (!byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i])) return null;
                zeros |= parts[i].Length > 1 && parts[i][0] == '0';
            }
            return new Cidr(bytes, length, zeros, false);
        }
        if (address.Contains('%', StringComparison.Ordinal) || address.Contains('[', StringComparison.Ordinal) || length > 128
            || !IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6) return null;
        return new Cidr(parsed.GetAddressBytes(), length, zeros, parsed.IsIPv4MappedToIPv6);
    }

    /// <returns>Null if it can't be read; what else is wrong goes to <paramref name="errors"/> only.</returns>
    public static Cidr? Validate(string text, string path, FieldErrors errors)
    {
        if (Parse(text) is not { } cidr)
        {
            errors.Invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            return null;
        }
        if (cidr.HasLeadingZeros) errors.Invalid(path, text, "must not have leading 0s in IP or prefix length");
        else if (cidr.IsMapped) errors.Invalid(path, text, "must not have an IPv4-mapped IPv6 address");
        else if (!cidr.Covers(cidr._address, exactly: true)) errors.Invalid(path, text, "must not have bits set beyond the prefix length");
        return cidr;
    }

    /// <summary>As <see cref="Validate"/>, and written in the one form that is right (IsValidCIDR, for fields without a past).</summary>
    public static void ValidateCanonical(string text, string path, FieldErrors errors)
    {
        var before = errors.Count;
        if (Validate(text, path, errors) is { } cidr && errors.Count == before && cidr.ToString() != text)
        {
            errors.Invalid(path, text, $"must be in canonical form ({FieldError.GoQuote(cidr.ToString())})");
        }
    }

    /// <summary>Whether another block lies within this one and is smaller.</summary>
    public bool IsStrictSupersetOf(Cidr other) => other._address.Length == _address.Length && Prefix < other.Prefix && Covers(other._address, exactly: false);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(_address)}/{Prefix}");

    /// <param name="exactly">Whether the address must be the block's first.</param>
    private bool Covers(byte[] address, bool exactly)
    {
        for (var bit = 0; bit < address.Length * 8; bit++)
        {
            var value = Bit(address, bit);
            if (bit < Prefix ? value != Bit(_address, bit) : exactly && value) return false;
        }
        return true;
    }

    private static bool Bit(byte[] address, int bit) => (address[bit / 8] & (0x80 >> (bit % 8))) != 0;
}
