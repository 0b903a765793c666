using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorCluster.Api.Allocation;

/// <summary>An IP address of either family as a number, so that ranges can be counted through.</summary>
public readonly record struct IpNumber(bool IsV6, UInt128 Value)
{
    public string Family => IsV6 ? "IPv6" : "IPv4";

    /// <summary>Null for what is no address, and for IPv4 in the guise of IPv6.</summary>
    public static IpNumber? Parse(string? text)
    {
        if (Ipv4.Parse(text) is { } number) return new IpNumber(false, (UInt128)number);
        if (text is null || !text.Contains(':', StringComparison.Ordinal) || !text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')) return null;
        if (!IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6 || parsed.IsIPv4MappedToIPv6) return null;
        return new IpNumber(true, BinaryPrimitives.ReadUInt128BigEndian(parsed.GetAddressBytes()));
    }

    public IpNumber Plus(ulong distance) => this with { Value = Value + distance };

    /// <summary>The one form that is right: dotted decimal, or RFC 5952's.</summary>
    public override string ToString()
    {
        if (!IsV6) return Ipv4.Format((long)Value);
        var groups = new ushort[8];
        for (var i = 0; i < 8; i++) groups[i] = (ushort)(Value >> (16 * (7 - i)));
        var (start, length) = LongestZeros(groups);
        if (length < 2) return Join(groups);
        return $"{Join(groups.AsSpan(0, start))}::{Join(groups.AsSpan(start + length))}";
    }

    private static string Join(ReadOnlySpan<ushort> groups)
    {
        var texts = new string[groups.Length];
        for (var i = 0; i < texts.Length; i++) texts[i] = groups[i].ToString("x", CultureInfo.InvariantCulture);
        return string.Join(':', texts);
    }

    private static (int Start, int Length) LongestZeros(ushort[] groups)
    {
        var (start, length) = (0, 0);
        for (var i = 0; i < groups.Length; i++)
        {
            var end = i;
            while (end < groups.Length && groups[end] == 0) end++;
            if (end - i > length) (start, length) = (i, end - i);
            i = Math.Max(i, end - 1);
        }
        return (start, length);
    }
}
