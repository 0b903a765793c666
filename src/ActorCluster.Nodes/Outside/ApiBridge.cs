using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Outside;

/// <summary>
/// Lets pods reach the API server: listens in the cluster's network where the endpoint of the Service default/kubernetes is, and carries each
/// connection to the API server's real socket. That one socket, and nothing else of the machine, can be reached by it.
/// </summary>
internal sealed class ApiBridge : IDisposable
{
    private readonly ITcpListener _listener;
    private readonly IPEndPoint _server;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _closed = new();

    private ApiBridge(ITcpListener listener, IPEndPoint server, SimulationContext simulation) => (_listener, _server, _simulation) = (listener, server, simulation);

    public static ApiBridge Open(SocketAddress place, IPEndPoint server, INetworkNamespace network, SimulationContext simulation)
    {
        var bridge = new ApiBridge(network.ListenTcp(place), server, simulation);
        _ = bridge.AcceptAsync(bridge._closed.Token);
        return bridge;
    }

    /// <summary>Connections end with their namespace, which the owner disposes of.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        _closed.Dispose();
    }

    private async Task AcceptAsync(CancellationToken closed)
    {
        try
        {
            await using (_listener)
            {
                while (await _listener.AcceptAsync(closed) is { } connection) _ = ServeAsync(connection);
            }
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // The node goes.
        }
    }

    private async Task ServeAsync(ITcpConnection connection)
    {
        using var socket = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await using (connection)
        {
            try
            {
                await socket.ConnectAsync(_server, connection.Closed);
                await SocketPump.RunAsync(socket, connection);
            }
            catch (Exception fault) when (fault is SocketException or SocketFaultException or OperationCanceledException)
            {
                // What one side met the other sees as a reset: the API server is down, or the pod is gone.
                socket.LingerState = new LingerOption(true, 0);
                connection.Abort();
            }
            catch (Exception fault)
            {
                socket.LingerState = new LingerOption(true, 0);
                connection.Abort();
                _simulation.ReportFault("a pod's connection to the API server", fault);
            }
        }
    }
}
