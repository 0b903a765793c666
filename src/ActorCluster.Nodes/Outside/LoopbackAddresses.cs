using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Outside;

/// <summary>Where on this machine's loopback an address of the cluster's network is to be found. Pure.</summary>
internal static class LoopbackAddresses
{
    /// <summary>What is added to a port that only root may listen on.</summary>
    private const int UnprivilegedShift = 8000;

    private const int FirstUnprivileged = 1024;

    /// <summary>Somewhere at least: a free port, which `actorcluster services` tells.</summary>
    public static readonly IPEndPoint Anywhere = new(IPAddress.Loopback, 0);

    private static readonly uint Nodes = IpNetwork.Parse(WellKnown.NodeCidr).Base.V4Bits;

    /// <summary>
    /// 172.18.0.2:30080 is at 127.18.0.2:30080: all of 127.0.0.0/8 is this machine. IPv6 has but one loopback address, and some systems don't have that one
    /// either: fc00:f853:ccd:e793::2 is at 127.18.0.2 as well, by the place in the nodes' network that both families have in common.
    /// </summary>
    public static IPEndPoint Of(SocketAddress target)
    {
        var address = target.Address.IsV4 ? target.Address.V4Bits : Nodes | (ushort)target.Address.Low;
        return new(IpAddress.FromV4((address & 0x00ff_ffff) | 0x7f00_0000).ToIPAddress(), target.Port);
    }

    /// <summary>Where to try next after a place could not be had.</summary>
    /// <param name="last">What is tried at the end: any port of an address that can be had.</param>
    public static IPEndPoint After(IPEndPoint place, SocketError why, IPEndPoint last) =>
        why == SocketError.AccessDenied && place.Port is > 0 and < FirstUnprivileged ? new(place.Address, place.Port + UnprivilegedShift) : last;
}
