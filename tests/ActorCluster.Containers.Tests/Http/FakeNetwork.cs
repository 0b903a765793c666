using System.IO.Pipelines;
using System.Threading.Channels;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Tests.Http;

/// <summary>A namespace of crossed pipes: connections without packets, for tests of what lies above TCP.</summary>
internal sealed class FakeNetwork(params IpAddress[] addresses) : INetworkNamespace
{
    private readonly Dictionary<ushort, FakeListener> _listeners = [];
    private int _nextPort = 40000;

    public IReadOnlyList<IpAddress> Addresses { get; } = addresses;

    public ITcpListener ListenTcp(SocketAddress local, int backlog = 511)
    {
        lock (_listeners)
        {
            var listener = new FakeListener(this, local);
            if (!_listeners.TryAdd(local.Port, listener)) throw new SocketFaultException(SocketFault.AddressInUse);
            return listener;
        }
    }

    public Task WaitForListenerAsync(ushort port, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async Task<ITcpConnection> ConnectTcpAsync(SocketAddress remote, SocketAddress? local = null, CancellationToken cancellationToken = default)
    {
        FakeListener? listener;
        lock (_listeners)
        {
            if (!_listeners.TryGetValue(remote.Port, out listener)) throw new SocketFaultException(SocketFault.ConnectionRefused);
        }
        var from = local ?? new SocketAddress(remote.Address.IsLoopback ? remote.Address : Addresses[0], (ushort)Interlocked.Increment(ref _nextPort));
        Pipe there = new(new PipeOptions(useSynchronizationContext: false)), back = new(new PipeOptions(useSynchronizationContext: false));
        var client = new FakeConnection(from, remote, back.Reader, there.Writer);
        var server = new FakeConnection(remote, from, there.Reader, back.Writer);
        (client.Peer, server.Peer) = (server, client);
        await listener.Queue.Writer.WriteAsync(server, cancellationToken);
        return client;
    }

    public IUdpSocket BindUdp(SocketAddress local) => throw new NotSupportedException();

    public ISctpListener ListenSctp(SocketAddress local, int backlog = 128) => throw new NotSupportedException();

    public Task<ISctpConnection> ConnectSctpAsync(SocketAddress remote, SocketAddress? local = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IEchoSocket OpenEcho() => throw new NotSupportedException();

    public IReadOnlyList<SocketInfo> ListSockets() => [];

    private sealed class FakeListener(FakeNetwork network, SocketAddress local) : ITcpListener
    {
        public Channel<ITcpConnection> Queue { get; } = Channel.CreateUnbounded<ITcpConnection>();
        public SocketAddress Local { get; } = local;

        public async ValueTask<ITcpConnection?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await Queue.Reader.WaitToReadAsync(cancellationToken) && Queue.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask DisposeAsync()
        {
            lock (network._listeners) network._listeners.Remove(Local.Port);
            Queue.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FakeConnection(SocketAddress local, SocketAddress remote, PipeReader input, PipeWriter output) : ITcpConnection
    {
        private readonly CancellationTokenSource _closed = new();

        public FakeConnection? Peer { get; set; }
        public SocketAddress Local { get; } = local;
        public SocketAddress Remote { get; } = remote;
        public PipeReader Input { get; } = input;
        public PipeWriter Output { get; } = output;
        public CancellationToken Closed => _closed.Token;

        public void Abort()
        {
            Output.Complete(new SocketFaultException(SocketFault.ConnectionReset));
            Input.Complete();
            _closed.Cancel();
            Peer?._closed.Cancel();
        }

        public async ValueTask DisposeAsync()
        {
            await Output.CompleteAsync();
            await Input.CompleteAsync();
            await _closed.CancelAsync();
        }
    }
}
