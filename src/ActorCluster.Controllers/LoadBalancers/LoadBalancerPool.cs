using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ActorCluster.Controllers.LoadBalancers;

/// <summary>The addresses that load balancers may have, each held by one service at a time. The block's first and last are not handed out.</summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class LoadBalancerPool
{
    private readonly uint _first;
    private readonly uint _count;
    private readonly Dictionary<uint, string> _holders = [];

    /// <param name="cidr">"172.18.255.0/24".</param>
    /// <exception cref="ArgumentException">It is no IPv4 CIDR with at least two usable addresses.</exception>
    public LoadBalancerPool(string cidr)
    {
        if (!IPNetwork.TryParse(cidr, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork || network.PrefixLength is < 8 or > 30)
            throw new ArgumentException($"{cidr} is not an IPv4 CIDR between /8 and /30.", nameof(cidr));
        _first = Bits(network.BaseAddress) + 1;
        _count = (1u << (32 - network.PrefixLength)) - 2;
    }

    /// <summary>The holder's address: the one it has, or the lowest that is free. Null if none is.</summary>
    public string? Allocate(string holder)
    {
        if (AddressOf(holder) is { } held) return held;
        for (var address = _first; address < _first + _count; address++)
            if (_holders.TryAdd(address, holder)) return Text(address);
        return null;
    }

    /// <summary>Takes that very address, for someone who asks for it or has it already.</summary>
    /// <returns>False if it isn't of the pool or another has it.</returns>
    public bool Occupy(string address, string holder)
    {
        if (!IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork) return false;
        var bits = Bits(parsed);
        if (bits < _first || bits >= _first + _count) return false;
        if (_holders.TryGetValue(bits, out var who)) return who == holder;
        Release(holder);
        _holders.Add(bits, holder);
        return true;
    }

    public void Release(string holder)
    {
        foreach (var (address, who) in _holders)
            if (who == holder) _holders.Remove(address);
    }

    private string? AddressOf(string holder)
    {
        foreach (var (address, who) in _holders)
            if (who == holder) return Text(address);
        return null;
    }

    private static uint Bits(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static string Text(uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }
}
