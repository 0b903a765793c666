using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ActorCluster.Controllers.LoadBalancers;

/// <summary>
/// The addresses that load balancers may have: places in a block, each held by one service at a time, with an address of each family. The block's first
/// and last are not handed out.
/// </summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class LoadBalancerPool
{
    private readonly UInt128 _v4;
    private readonly UInt128? _v6;
    private readonly uint _count;
    private readonly Dictionary<uint, string> _holders = [];

    /// <param name="cidr">"172.18.255.0/24".</param>
    /// <param name="cidrV6">As many IPv6 addresses, "fc00:f853:ccd:e793::ff00/120"; null: none.</param>
    /// <exception cref="ArgumentException">It is no CIDR of that family with at least two usable addresses, or one block is larger than the other.</exception>
    public LoadBalancerPool(string cidr, string? cidrV6 = null)
    {
        if (!IPNetwork.TryParse(cidr, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork || network.PrefixLength is < 8 or > 30)
            throw new ArgumentException($"{cidr} is not an IPv4 CIDR between /8 and /30.", nameof(cidr));
        _v4 = Number(network.BaseAddress);
        _count = (1u << (32 - network.PrefixLength)) - 2;
        if (cidrV6 is null) return;
        if (!IPNetwork.TryParse(cidrV6, out var v6) || v6.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6 || v6.PrefixLength != network.PrefixLength + 96)
            throw new ArgumentException($"{cidrV6} is not an IPv6 CIDR with as many addresses as {cidr}.", nameof(cidrV6));
        _v6 = Number(v6.BaseAddress);
    }

    /// <summary>The holder's address of a family, at the place that it has or at the lowest that is free. Null if none is, or if there are none of the family.</summary>
    public string? Allocate(string holder, bool v4 = true)
    {
        if (!v4 && _v6 is null) return null;
        if (PlaceOf(holder) is { } held) return Text(held, v4);
        for (var place = 1u; place <= _count; place++)
            if (_holders.TryAdd(place, holder)) return Text(place, v4);
        return null;
    }

    /// <summary>Takes the place of that very address, for someone who asks for it or has it already.</summary>
    /// <returns>False if it isn't of the pool or another has it.</returns>
    public bool Occupy(string address, string holder)
    {
        if (!IPAddress.TryParse(address, out var parsed) || (parsed.AddressFamily == AddressFamily.InterNetwork ? _v4 : _v6) is not { } first) return false;
        var number = Number(parsed);
        if (number <= first || number - first > _count) return false;
        var place = (uint)(number - first);
        if (_holders.TryGetValue(place, out var who)) return who == holder;
        Release(holder);
        _holders.Add(place, holder);
        return true;
    }

    public void Release(string holder)
    {
        foreach (var (place, who) in _holders)
            if (who == holder) _holders.Remove(place);
    }

    private uint? PlaceOf(string holder)
    {
        foreach (var (place, who) in _holders)
            if (who == holder) return place;
        return null;
    }

    private static UInt128 Number(IPAddress address)
    {
        UInt128 number = 0;
        foreach (var part in address.GetAddressBytes()) number = number << 8 | part;
        return number;
    }

    private string Text(uint place, bool v4)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, (v4 ? _v4 : _v6!.Value) + place);
        return new IPAddress(bytes.AsSpan(v4 ? 12 : 0)).ToString();
    }
}
