using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Nodes.Streams;

/// <summary>One connection of kubectl port-forward: to a port on the pod's localhost, by IPv4 or else by IPv6, as containerd does it.</summary>
internal static class PortForwardStream
{
    public static async Task<StreamExit> RunAsync(INetworkNamespace network, PortForwardRequest request, IContainerStreamPeer peer)
    {
        var (connection, faultV4) = await ConnectAsync(network, IpAddress.LoopbackV4, request, peer);
        if (connection is not null) return await TcpStream.RunAsync(connection, peer);
        (connection, var faultV6) = await ConnectAsync(network, IpAddress.LoopbackV6, request, peer);
        if (connection is not null) return await TcpStream.RunAsync(connection, peer);
        return new StreamExit(null, $"error forwarding port {request.Port} to pod {request.PodUid}, uid : failed to connect to localhost:{request.Port} inside namespace \"{request.PodUid}\", IPv4: dial tcp4 127.0.0.1:{request.Port}: {faultV4} IPv6 dial tcp6 [::1]:{request.Port}: {faultV6}");
    }

    private static async Task<(ITcpConnection? Connection, string Fault)> ConnectAsync(INetworkNamespace network, IpAddress localhost, PortForwardRequest request, IContainerStreamPeer peer)
    {
        try
        {
            return (await network.ConnectTcpAsync(new SocketAddress(localhost, (ushort)request.Port), cancellationToken: peer.CallerGone), "");
        }
        catch (SocketFaultException fault)
        {
            return (null, Probes.GoNetworkErrors.Describe(fault.Fault));
        }
    }
}
