using System.Globalization;

namespace ActorCluster.Network.Addresses;

/// <summary>An address block in CIDR notation, "10.244.1.0/24". <see cref="Prefix"/> counts bits of the family's own length.</summary>
public readonly record struct IpNetwork
{
    public IpNetwork(IpAddress address, int prefix)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefix);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefix, address.IsV4 ? 32 : 128);
        Prefix = prefix;
        Base = Mask(address, prefix);
    }

    /// <summary>The first address of the block.</summary>
    public IpAddress Base { get; }

    public int Prefix { get; }

    public bool Contains(IpAddress address) => address.IsV4 == Base.IsV4 && Mask(address, Prefix) == Base;

    /// <summary>The address with all bits after the first <paramref name="prefix"/> cleared.</summary>
    public static IpAddress Mask(IpAddress address, int prefix)
    {
        var bits = address.IsV4 ? prefix + 96 : prefix;
        var high = bits >= 64 ? ulong.MaxValue : bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
        var low = bits <= 64 ? 0 : bits >= 128 ? ulong.MaxValue : ulong.MaxValue << (128 - bits);
        return new(address.High & high, address.Low & low);
    }

    public static IpNetwork Parse(string text) =>
        TryParse(text, out var network) ? network : throw new FormatException($"'{text}' is not an address block in CIDR notation.");

    public static bool TryParse(string? text, out IpNetwork network)
    {
        network = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0
            || !IpAddress.TryParse(text![..slash], out var address)
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || prefix > (address.IsV4 ? 32 : 128)) return false;
        network = new(address, prefix);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Base}/{Prefix}");
}
