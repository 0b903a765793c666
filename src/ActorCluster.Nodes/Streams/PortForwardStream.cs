using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Nodes.Streams;

/// <summary>One connection of kubectl port-forward: to a port on the pod's localhost.</summary>
internal static class PortForwardStream
{
    public static async Task<StreamExit> RunAsync(INetworkNamespace network, PortForwardRequest request, IContainerStreamPeer peer)
    {
        ITcpConnection connection;
        try
        {
            connection = await network.ConnectTcpAsync(new SocketAddress(IpAddress.LoopbackV4, (ushort)request.Port), cancellationToken: peer.CallerGone);
        }
        catch (SocketFaultException fault)
        {
            return new StreamExit(null, $"error forwarding port {request.Port} to pod {request.PodUid}, uid : failed to connect to localhost:{request.Port} inside namespace \"{request.PodUid}\", IPv4: dial tcp4 127.0.0.1:{request.Port}: {Probes.GoNetworkErrors.Describe(fault.Fault)}");
        }
        return await TcpStream.RunAsync(connection, peer);
    }
}
