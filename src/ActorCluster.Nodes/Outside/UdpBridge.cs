using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Outside;

/// <summary>Carries datagrams of a real socket into the cluster's network and the answers back; each client has a simulated socket of its own.</summary>
internal sealed class UdpBridge : IOutsideBridge
{
    /// <summary>A client that says nothing for so long is forgotten (net.netfilter.nf_conntrack_udp_timeout_stream).</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(120);

    private readonly Socket _real = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<IPEndPoint, Client> _clients = new();
    private readonly SocketAddress _target;
    private readonly INetworkNamespace _network;
    private readonly SimulationContext _simulation;
    private readonly ITimer _sweep;

    private UdpBridge(SocketAddress target, INetworkNamespace network, SimulationContext simulation)
    {
        (_target, _network, _simulation) = (target, network, simulation);
        _sweep = simulation.Clock.CreateTimer(static bridge => ((UdpBridge)bridge!).Sweep(), this, Idle, Idle);
    }

    public IPEndPoint Real => (IPEndPoint)_real.LocalEndPoint!;

    /// <exception cref="SocketException">The place can't be had.</exception>
    public static UdpBridge Open(IPEndPoint place, SocketAddress target, INetworkNamespace network, SimulationContext simulation)
    {
        var bridge = new UdpBridge(target, network, simulation);
        try
        {
            bridge._real.Bind(place);
        }
        catch
        {
            bridge.Dispose();
            throw;
        }
        _ = bridge.ReceiveAsync(bridge._closed.Token);
        return bridge;
    }

    public void Dispose()
    {
        _closed.Cancel();
        _sweep.Dispose();
        _real.Dispose();
        foreach (var client in _clients.Values) client.Socket.Dispose();
        _clients.Clear();
        _closed.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken closed)
    {
        var buffer = new byte[65536];
        while (!closed.IsCancellationRequested)
        {
            try
            {
                var received = await _real.ReceiveFromAsync(buffer, SocketFlags.None, LoopbackAddresses.Anywhere, closed);
                var client = ClientOf((IPEndPoint)received.RemoteEndPoint, closed);
                client.LastSeen = _simulation.Clock.GetTimestamp();
                client.Socket.Send(buffer.AsSpan(0, received.ReceivedBytes).ToArray(), _target);
            }
            catch (Exception) when (closed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is SocketException or SocketFaultException)
            {
                // As on a wire: this datagram is lost (too large, or an answer met a client that has gone), the next may do better.
            }
        }
    }

    private Client ClientOf(IPEndPoint remote, CancellationToken closed)
    {
        if (_clients.TryGetValue(remote, out var known)) return known;
        var client = new Client(_network.BindUdp(new(_target.Address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, 0)));
        _clients[remote] = client;
        _ = AnswerAsync(remote, client, closed);
        return client;
    }

    private async Task AnswerAsync(IPEndPoint remote, Client client, CancellationToken closed)
    {
        while (!closed.IsCancellationRequested)
        {
            try
            {
                var answer = await client.Socket.ReceiveAsync(closed);
                await _real.SendToAsync(answer.Payload, SocketFlags.None, remote, closed);
            }
            catch (Exception) when (closed.IsCancellationRequested)
            {
                return;
            }
            catch (SocketFaultException fault) when (fault.Fault == SocketFault.ConnectionRefused)
            {
                // Nobody serves just now. A client without a connected socket would not be told either.
            }
            catch (Exception fault) when (fault is SocketException or SocketFaultException or ObjectDisposedException)
            {
                if (_clients.TryRemove(new(remote, client))) client.Socket.Dispose();
                return;
            }
        }
    }

    private void Sweep()
    {
        foreach (var (remote, client) in _clients)
            if (_simulation.Clock.GetElapsedTime(client.LastSeen) >= Idle && _clients.TryRemove(new(remote, client))) client.Socket.Dispose();
    }

    private sealed class Client(IUdpSocket socket)
    {
        private long _lastSeen;

        public IUdpSocket Socket { get; } = socket;

        public long LastSeen
        {
            get => Volatile.Read(ref _lastSeen);
            set => Volatile.Write(ref _lastSeen, value);
        }
    }
}
