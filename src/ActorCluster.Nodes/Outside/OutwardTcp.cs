using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Outside;

/// <summary>
/// Takes connections to one place of the cluster's network to one real address, and to nothing else of the machine: an outside name's, which its user
/// bound to it, or the API server's, where the endpoint of the Service default/kubernetes is.
/// </summary>
/// <remarks>
/// A pod is connected before the real side is: if that refuses, the pod sees a reset. Disposal stops listening; connections go on until either end or
/// the node goes.
/// </remarks>
internal sealed class OutwardTcp : IDisposable
{
    private readonly Func<EndPoint?> _real;
    private readonly ITcpListener _listener;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<ITcpConnection, EndPoint> _open = [];

    private OutwardTcp(ITcpListener listener, Func<EndPoint?> real, SimulationContext simulation) => (_listener, _real, _simulation) = (listener, real, simulation);

    /// <param name="real">Asked for each connection: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/>, which is resolved then; null: it is nowhere just now.</param>
    public static OutwardTcp Open(SocketAddress place, Func<EndPoint?> real, INetworkNamespace network, SimulationContext simulation)
    {
        var bridge = new OutwardTcp(network.ListenTcp(place), real, simulation);
        _ = bridge.AcceptAsync(bridge._closed.Token);
        return bridge;
    }

    /// <summary>Resets the connections that lead to where the real side isn't, or can't be reached, any more.</summary>
    public void Recheck()
    {
        var real = _real();
        foreach (var (connection, place) in _open)
        {
            if (!place.Equals(real)) connection.Abort();
        }
    }

    public void Dispose()
    {
        _closed.Cancel();
        _closed.Dispose();
    }

    private async Task AcceptAsync(CancellationToken closed)
    {
        await using var listener = _listener;
        try
        {
            while (await listener.AcceptAsync(closed) is { } connection) _ = ServeAsync(connection);
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task ServeAsync(ITcpConnection connection)
    {
        await using var _ = connection;
        using var real = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var place = _real();
        if (place is null)
        {
            connection.Abort();
            return;
        }
        _open[connection] = place;
        try
        {
            // A recheck just before knew nothing of this one.
            if (!place.Equals(_real())) throw new SocketException((int)SocketError.HostUnreachable);
            await real.ConnectAsync(place, connection.Closed);
            await SocketPump.RunAsync(real, connection);
        }
        catch (Exception fault)
        {
            // What one side met the other sees as a reset.
            real.LingerState = new LingerOption(true, 0);
            connection.Abort();
            if (fault is not (SocketFaultException or SocketException or OperationCanceledException)) _simulation.ReportFault($"a connection to {place}", fault);
        }
        finally
        {
            _open.TryRemove(KeyValuePair.Create(connection, place));
        }
    }
}
