using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Outside;

/// <summary>Takes connections of a real listening socket into the cluster's network, each as a simulated connection of its own.</summary>
/// <remarks>Disposal closes the listening socket. Connections go on, as they do in a kernel, until either end or the node goes.</remarks>
internal sealed class TcpBridge : IOutsideBridge
{
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _closed = new();
    private readonly SocketAddress _target;
    private readonly INetworkNamespace _network;
    private readonly SimulationContext _simulation;

    private TcpBridge(SocketAddress target, INetworkNamespace network, SimulationContext simulation) => (_target, _network, _simulation) = (target, network, simulation);

    public IPEndPoint Real => (IPEndPoint)_listener.LocalEndPoint!;

    /// <exception cref="SocketException">The place can't be had.</exception>
    public static TcpBridge Open(IPEndPoint place, SocketAddress target, INetworkNamespace network, SimulationContext simulation)
    {
        var bridge = new TcpBridge(target, network, simulation);
        try
        {
            bridge._listener.Bind(place);
            bridge._listener.Listen();
        }
        catch
        {
            bridge.Dispose();
            throw;
        }
        _ = bridge.AcceptAsync(bridge._closed.Token);
        return bridge;
    }

    public void Dispose()
    {
        _closed.Cancel();
        _listener.Dispose();
        _closed.Dispose();
    }

    private async Task AcceptAsync(CancellationToken closed)
    {
        while (!closed.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(closed));
            }
            catch (Exception) when (closed.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException fault)
            {
                // Out of file descriptors, say: others may give some back.
                _simulation.ReportFault($"accepting connections for {_target}", fault);
                await Task.Delay(AcceptRetry, _simulation.Clock, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await using var connection = await _network.ConnectTcpAsync(_target);
                await SocketPump.RunAsync(client, connection);
            }
            catch (Exception fault) when (fault is SocketFaultException or SocketException or OperationCanceledException)
            {
                // What one side met the other sees as a reset.
                client.LingerState = new LingerOption(true, 0);
            }
            catch (Exception fault)
            {
                client.LingerState = new LingerOption(true, 0);
                _simulation.ReportFault($"a connection to {_target}", fault);
            }
        }
    }
}
