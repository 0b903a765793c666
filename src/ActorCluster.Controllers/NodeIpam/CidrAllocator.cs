using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorCluster.Controllers.NodeIpam;

/// <summary>
/// Hands out the blocks of a range of either family, each to one holder at a time (pkg/controller/nodeipam/ipam/cidrset). The first block is never handed
/// out: it is the control plane's, so that the first worker has 10.244.1.0/24. Goes round, so that a block that became free rests for a while.
/// </summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class CidrAllocator
{
    /// <summary>More blocks than that are not told apart: a block's number must fit an int (cidrset.go, clusterSubnetMaxDiff).</summary>
    private const int LargestDifference = 16;

    private readonly bool _v4;
    private readonly UInt128 _base;
    private readonly int _maskSize;
    private readonly Dictionary<uint, string> _holders = [];
    private uint _next = 1;

    /// <param name="range">"10.244.0.0/16" or "fd00:10:244::/56".</param>
    /// <param name="maskSize">The prefix length of a block.</param>
    /// <exception cref="ArgumentException">The range is no CIDR, or blocks would be larger than it, too many or too small.</exception>
    public CidrAllocator(string range, int maskSize)
    {
        if (!TryParse(range, out _v4, out var address, out var prefix)) throw new ArgumentException($"{range} is not a CIDR.", nameof(range));
        if (maskSize < prefix || maskSize > Bits - 2 || maskSize - prefix > LargestDifference) throw new ArgumentException($"Blocks of /{maskSize} don't fit {range}.", nameof(maskSize));
        (_base, _maskSize) = (address, maskSize);
        Blocks = 1u << (maskSize - prefix);
    }

    /// <summary>How many blocks the range has, the first one included.</summary>
    public uint Blocks { get; }

    private int Bits => _v4 ? 32 : 128;

    /// <summary>The block of that holder: the one it has, or a free one. Null if none is free.</summary>
    public string? Allocate(string holder)
    {
        foreach (var (index, who) in _holders)
        {
            if (who == holder) return Name(index);
        }

        for (var i = 0u; i + 1 < Blocks; i++)
        {
            var index = 1 + ((_next - 1 + i) % (Blocks - 1));
            if (!_holders.TryAdd(index, holder)) continue;
            _next = 1 + (index % (Blocks - 1));
            return Name(index);
        }

        return null;
    }

    /// <summary>Notes that a holder has a block already.</summary>
    /// <returns>False if another has it, or if it is no block of this range.</returns>
    public bool Occupy(string cidr, string holder)
    {
        if (!TryParse(cidr, out var v4, out var address, out var prefix) || v4 != _v4 || prefix != _maskSize || address < _base) return false;
        var index = (address - _base) >> (Bits - _maskSize);
        if (index >= Blocks) return false;
        var number = (uint)index;
        if (_holders.TryGetValue(number, out var who)) return who == holder;
        _holders.Add(number, holder);
        if (number >= _next) _next = 1 + (number % (Blocks - 1));
        return true;
    }

    public void Release(string holder)
    {
        foreach (var index in _holders.Where(pair => pair.Value == holder).Select(pair => pair.Key).ToList()) _holders.Remove(index);
    }

    private string Name(uint index)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _base + ((UInt128)index << (Bits - _maskSize)));
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes.AsSpan(_v4 ? 12 : 0))}/{_maskSize}");
    }

    private static bool TryParse(string cidr, out bool v4, out UInt128 address, out int prefix)
    {
        (v4, address, prefix) = (false, 0, 0);
        if (!IPNetwork.TryParse(cidr, out var network)) return false;
        foreach (var part in network.BaseAddress.GetAddressBytes()) address = address << 8 | part;
        (v4, prefix) = (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork, network.PrefixLength);
        return true;
    }
}
