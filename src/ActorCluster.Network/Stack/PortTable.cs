using System.Diagnostics.CodeAnalysis;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Stack;

/// <summary>One protocol's bound sockets by their local address: the port space that a pod's containers share.</summary>
internal sealed class PortTable<T> where T : class
{
    public const int FirstEphemeral = 32768; // Linux net.ipv4.ip_local_port_range
    public const int EphemeralCount = 60999 - FirstEphemeral + 1;

    private readonly Dictionary<SocketAddress, T> _sockets = [];

    public IEnumerable<T> Sockets => _sockets.Values;

    public void Add(SocketAddress local, T socket) => _sockets.Add(local, socket);

    public void Remove(SocketAddress local, T socket)
    {
        if (_sockets.TryGetValue(local, out var holder) && ReferenceEquals(holder, socket)) _sockets.Remove(local);
    }

    /// <summary>Is there a socket that a packet to this address could reach, or that would get part of this address's packets?</summary>
    public bool Conflicts(SocketAddress local)
    {
        foreach (var bound in _sockets.Keys)
            if (bound.Port == local.Port && (Covers(bound.Address, local.Address) || Covers(local.Address, bound.Address))) return true;
        return false;
    }

    /// <summary>The socket for a packet: bound to the very address, else to all addresses (:: takes IPv4 too, as with Linux's bindv6only=0).</summary>
    public bool TryFind(SocketAddress destination, [MaybeNullWhen(false)] out T socket) =>
        _sockets.TryGetValue(destination, out socket)
        || (destination.Address.IsV4 && _sockets.TryGetValue(destination with { Address = IpAddress.AnyV4 }, out socket))
        || _sockets.TryGetValue(destination with { Address = IpAddress.AnyV6 }, out socket);

    private static bool Covers(IpAddress bound, IpAddress address) =>
        bound == address || bound == IpAddress.AnyV6 || (bound == IpAddress.AnyV4 && address.IsV4);
}
