using System.Collections.Concurrent;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Outside;

/// <summary>Takes pods' datagrams to an outside name to the one real address that its user bound it to, and the answers back; each pod's socket has a real one.</summary>
internal sealed class OutwardUdp : IDisposable
{
    /// <summary>A client that says nothing for so long is forgotten (net.netfilter.nf_conntrack_udp_timeout_stream).</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(120);

    private readonly OutsideBinding _binding;
    private readonly IUdpSocket _socket;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<SocketAddress, Client> _clients = new();
    private readonly ITimer _sweep;

    private OutwardUdp(OutsideBinding binding, IUdpSocket socket, SimulationContext simulation)
    {
        (_binding, _socket, _simulation) = (binding, socket, simulation);
        _sweep = simulation.Clock.CreateTimer(static bridge => ((OutwardUdp)bridge!).Sweep(), this, Idle, Idle);
    }

    public static OutwardUdp Open(OutsideBinding binding, INetworkNamespace network, SimulationContext simulation)
    {
        var bridge = new OutwardUdp(binding, network.BindUdp(binding.Inside), simulation);
        _ = bridge.ReceiveAsync(bridge._closed.Token);
        return bridge;
    }

    public void Dispose()
    {
        _closed.Cancel();
        _sweep.Dispose();
        _socket.Dispose();
        foreach (var client in _clients.Values) client.Real.Dispose();
        _clients.Clear();
        _closed.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken closed)
    {
        while (!closed.IsCancellationRequested)
        {
            try
            {
                var datagram = await _socket.ReceiveAsync(closed);
                var client = await ClientOfAsync(datagram.Remote, closed);
                client.LastSeen = _simulation.Clock.GetTimestamp();
                await client.Real.SendAsync(datagram.Payload, SocketFlags.None, closed);
            }
            catch (Exception) when (closed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is SocketException or SocketFaultException or ObjectDisposedException)
            {
                // As on a wire: this datagram is lost (nobody there, or an answer met a pod that has gone), the next may do better.
            }
        }
    }

    private async Task<Client> ClientOfAsync(SocketAddress remote, CancellationToken closed)
    {
        if (_clients.TryGetValue(remote, out var known)) return known;
        var client = new Client(new Socket(SocketType.Dgram, ProtocolType.Udp));
        try
        {
            // Connected: only the bound address can answer.
            await client.Real.ConnectAsync(_binding.Host, _binding.Port, closed);
        }
        catch
        {
            client.Real.Dispose();
            throw;
        }
        _clients[remote] = client;
        _ = AnswerAsync(remote, client, closed);
        return client;
    }

    private async Task AnswerAsync(SocketAddress remote, Client client, CancellationToken closed)
    {
        var buffer = new byte[65536];
        while (!closed.IsCancellationRequested)
        {
            try
            {
                var count = await client.Real.ReceiveAsync(buffer, SocketFlags.None, closed);
                _socket.Send(buffer.AsMemory(0, count), remote);
            }
            catch (Exception) when (closed.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Nobody serves there just now.
            }
            catch (Exception fault) when (fault is SocketException or SocketFaultException or ObjectDisposedException)
            {
                if (_clients.TryRemove(new(remote, client))) client.Real.Dispose();
                return;
            }
        }
    }

    private void Sweep()
    {
        foreach (var (remote, client) in _clients)
            if (_simulation.Clock.GetElapsedTime(client.LastSeen) >= Idle && _clients.TryRemove(new(remote, client))) client.Real.Dispose();
    }

    private sealed class Client(Socket real)
    {
        private long _lastSeen;

        public Socket Real { get; } = real;

        public long LastSeen
        {
            get => Volatile.Read(ref _lastSeen);
            set => Volatile.Write(ref _lastSeen, value);
        }
    }
}
