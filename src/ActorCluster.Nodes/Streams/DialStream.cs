using System.Globalization;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using ActorCluster.Nodes.Probes;

namespace ActorCluster.Nodes.Streams;

/// <summary>A connection that the API server makes through a node, to whatever the node's network reaches.</summary>
internal static class DialStream
{
    public static async Task<StreamExit> RunAsync(INetworkNamespace host, DialRequest request, IContainerStreamPeer peer)
    {
        if (!IpAddress.TryParse(request.Address, out var address) || request.Port is < 1 or > ushort.MaxValue)
            throw Unreachable(string.Create(CultureInfo.InvariantCulture, $"dial tcp {request.Address}:{request.Port}: invalid address"));
        var where = new SocketAddress(address, (ushort)request.Port);
        ITcpConnection connection;
        try
        {
            connection = await host.ConnectTcpAsync(where, cancellationToken: peer.CallerGone);
        }
        catch (SocketFaultException fault)
        {
            throw Unreachable($"dial tcp {where}: {GoNetworkErrors.Describe(fault.Fault)}");
        }
        peer.Accept();
        return await TcpStream.RunAsync(connection, peer);
    }

    private static ContainerStreamException Unreachable(string message) => new(503, "ServiceUnavailable", message);
}
