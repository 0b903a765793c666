using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Forwarding;

/// <summary>A port of the node's own addresses that leads to a pod (a container port's hostPort, as the CNI plugin portmap does it).</summary>
/// <param name="HostIp">The address of the node that it is a port of; <see cref="IpAddress.AnyV4"/>: all of them.</param>
/// <param name="Target">The pod's address and port.</param>
public sealed record HostPort(IpAddress HostIp, ushort Port, IpProtocol Protocol, SocketAddress Target);
