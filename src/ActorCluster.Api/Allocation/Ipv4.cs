using System.Globalization;

namespace ActorCluster.Api.Allocation;

/// <summary>IPv4 addresses as numbers, in the strict form that the API accepts: four decimal parts without leading zeros.</summary>
public static class Ipv4
{
    public static long? Parse(string? text)
    {
        if (text?.Split('.') is not { Length: 4 } parts) return null;
        long address = 0;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')) return null;
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return null;
            address = address << 8 | value;
        }
        return address;
    }

    public static string Format(long address) =>
        string.Create(CultureInfo.InvariantCulture, $"{address >> 24 & 255}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}");

    /// <summary>The first and last address of a block; null for what is no block.</summary>
    public static (long First, long Last)? ParseCidr(string text)
    {
        if (text.Split('/') is not [var address, var bits] || Parse(address) is not { } start) return null;
        if (!int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > 32) return null;
        var size = 1L << (32 - length);
        var first = start / size * size;
        return (first, first + size - 1);
    }
}
