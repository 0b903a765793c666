using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorCluster.Controllers.NodeIpam;

/// <summary>
/// Hands out the blocks of an IPv4 range, each to one holder at a time (pkg/controller/nodeipam/ipam/cidrset). The first block is never handed
/// out: it is the control plane's, so that the first worker has 10.244.1.0/24. Goes round, so that a block that became free rests for a while.
/// </summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class CidrAllocator
{
    private readonly uint _base;
    private readonly int _maskSize;
    private readonly uint _blockSize;
    private readonly Dictionary<uint, string> _holders = [];
    private uint _next = 1;

    /// <param name="range">"10.244.0.0/16".</param>
    /// <param name="maskSize">The prefix length of a block.</param>
    /// <exception cref="ArgumentException">The range is no IPv4 CIDR, or blocks would be larger than it.</exception>
    public CidrAllocator(string range, int maskSize)
    {
        if (!TryParse(range, out var address, out var prefix)) throw new ArgumentException($"{range} is not an IPv4 CIDR.", nameof(range));
        if (maskSize < prefix || maskSize > 30) throw new ArgumentException($"Blocks of /{maskSize} don't fit {range}.", nameof(maskSize));
        (_base, _maskSize, _blockSize) = (address, maskSize, 1u << (32 - maskSize));
        Blocks = 1u << (maskSize - prefix);
    }

    /// <summary>How many blocks the range has, the first one included.</summary>
    public uint Blocks { get; }

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
        if (!TryParse(cidr, out var address, out var prefix) || prefix != _maskSize || address < _base) return false;
        var index = (address - _base) / _blockSize;
        if (index >= Blocks) return false;
        if (_holders.TryGetValue(index, out var who)) return who == holder;
        _holders.Add(index, holder);
        if (index >= _next) _next = 1 + (index % (Blocks - 1));
        return true;
    }

    public void Release(string holder)
    {
        foreach (var index in _holders.Where(pair => pair.Value == holder).Select(pair => pair.Key).ToList()) _holders.Remove(index);
    }

    private string Name(uint index)
    {
        var address = _base + (index * _blockSize);
        return string.Create(CultureInfo.InvariantCulture,
            $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}/{_maskSize}");
    }

    private static bool TryParse(string cidr, out uint address, out int prefix)
    {
        (address, prefix) = (0, 0);
        if (!IPNetwork.TryParse(cidr, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork) return false;
        var bytes = network.BaseAddress.GetAddressBytes();
        address = ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
        prefix = network.PrefixLength;
        return true;
    }
}
