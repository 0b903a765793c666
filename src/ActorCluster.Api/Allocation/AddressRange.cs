using System.Globalization;

namespace ActorCluster.Api.Allocation;

/// <summary>
/// A block that services' addresses are taken from. Not from it are the block's first address and IPv4's last one. The lower band is left
/// to those who ask for an address of their own (KEP-3070).
/// </summary>
/// <remarks>pkg/registry/core/service/ipallocator/ipallocator.go, pkg/api/servicecidr/servicecidr.go.</remarks>
public sealed class AddressRange
{
    private const int LargestCounted = 64;
    private readonly IpNumber _network;
    private readonly int _hostBits;

    private AddressRange(IpNumber network, int hostBits) => (_network, _hostBits) = (network, hostBits);

    public bool IsV6 => _network.IsV6;

    public string Family => _network.Family;

    /// <summary>How many addresses can be given out; of an IPv6 block at most 2^64-1.</summary>
    public ulong Size
    {
        get
        {
            var all = _hostBits >= LargestCounted ? ulong.MaxValue : (1UL << _hostBits) - 1;
            return IsV6 || all == 0 ? all : all - 1;
        }
    }

    /// <summary>How many of the first addresses are the lower band.</summary>
    public ulong StaticBand => _hostBits >= LargestCounted ? 256 : Math.Min(Size, (ulong)RangeAllocator.BandSize(1L << Math.Min(_hostBits, 62), 16, 16, 256));

    /// <returns>Null for what is no block. Bits beyond the prefix are dropped.</returns>
    public static AddressRange? Parse(string text)
    {
        if (text.Split('/') is not [var address, var prefix] || IpNumber.Parse(address) is not { } number) return null;
        var width = number.IsV6 ? 128 : 32;
        if (!int.TryParse(prefix, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > width) return null;
        return new AddressRange(number with { Value = First(number.Value, width - length) }, width - length);
    }

    /// <summary>Whether a service may have the address from this block.</summary>
    public bool Contains(IpNumber address) =>
        address.IsV6 == IsV6 && address.Value > _network.Value && First(address.Value, _hostBits) == _network.Value
        && (IsV6 || address.Value < _network.Value + (((UInt128)1 << _hostBits) - 1));

    /// <summary>Whether another block lies within this one, or is the same.</summary>
    public bool Covers(AddressRange other) => other.IsV6 == IsV6 && other._hostBits <= _hostBits && First(other._network.Value, _hostBits) == _network.Value;

    /// <summary>Finds a free address, in the upper band if there is one; from a random place on.</summary>
    /// <param name="random">Gives a number from 0 to below its argument.</param>
    /// <returns>Null when all are taken.</returns>
    public IpNumber? Find(Func<IpNumber, bool> isFree, Func<int, int> random)
    {
        var (size, band) = (Size, StaticBand);
        return FindBetween(band, size - band, isFree, random) ?? FindBetween(0, band, isFree, random);
    }

    private IpNumber? FindBetween(ulong from, ulong count, Func<IpNumber, bool> isFree, Func<int, int> random)
    {
        if (count == 0) return null;
        var start = (ulong)random((int)Math.Min(count, int.MaxValue));
        for (ulong i = 0; i < count; i++)
        {
            // In two halves, as start + i may be more than the type holds.
            var offset = i < count - start ? start + i : i - (count - start);
            var candidate = _network.Plus(1).Plus(from + offset);
            if (isFree(candidate)) return candidate;
        }
        return null;
    }

    private static UInt128 First(UInt128 address, int hostBits) => hostBits >= 128 ? 0 : address >> hostBits << hostBits;
}
