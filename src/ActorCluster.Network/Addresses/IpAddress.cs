using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorCluster.Network.Addresses;

/// <summary>An IPv4 or IPv6 address as a plain value (System.Net.IPAddress is a mutable class that does not survive Akka's serializer).</summary>
/// <remarks>IPv4 is kept as its IPv4-mapped IPv6 form (RFC 4291, 2.5.5.2), so that equality and hashing are two integer operations.</remarks>
public readonly record struct IpAddress(ulong High, ulong Low) : IComparable<IpAddress>
{
    private const ulong MappedPrefix = 0x0000_ffff_0000_0000;

    public static readonly IpAddress AnyV4 = FromV4(0);
    public static readonly IpAddress LoopbackV4 = FromV4(0x7f000001);
    public static readonly IpAddress AnyV6 = new(0, 0);
    public static readonly IpAddress LoopbackV6 = new(0, 1);

    public static IpAddress FromV4(uint address) => new(0, MappedPrefix | address);

    public bool IsV4 => High == 0 && (Low & 0xffff_ffff_0000_0000) == MappedPrefix;

    /// <summary>The 32 bits of an IPv4 address, in host order.</summary>
    public uint V4Bits => (uint)Low;

    /// <summary>0.0.0.0 or ::.</summary>
    public bool IsAny => this == AnyV4 || this == AnyV6;

    /// <summary>127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsV4 ? V4Bits >> 24 == 127 : this == LoopbackV6;

    public static IpAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IP address.");

    public static bool TryParse(string? text, out IpAddress address)
    {
        if (text is not null && IPAddress.TryParse(text, out var parsed) && (parsed.AddressFamily != AddressFamily.InterNetwork || text.Count(c => c == '.') == 3))
        {
            address = From(parsed);
            return true;
        }
        address = default;
        return false;
    }

    public static IpAddress From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var written)) throw new ArgumentException("Not an IP address.", nameof(address));
        return written == 4
            ? FromV4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..WriteBytes(bytes)]);
    }

    /// <summary>Writes 4 or 16 bytes in network order; returns how many.</summary>
    public int WriteBytes(Span<byte> destination)
    {
        if (IsV4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, V4Bits);
            return 4;
        }
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
        return 16;
    }

    public int CompareTo(IpAddress other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;
    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;
    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;
    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;

    public override string ToString() => IsV4
        ? string.Create(CultureInfo.InvariantCulture, $"{(byte)(V4Bits >> 24)}.{(byte)(V4Bits >> 16)}.{(byte)(V4Bits >> 8)}.{(byte)V4Bits}")
        : ToIPAddress().ToString();
}
