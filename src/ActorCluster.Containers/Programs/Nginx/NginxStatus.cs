using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>The counters of stub_status.</summary>
internal sealed class NginxStatus
{
    private long _accepted;
    private long _active;
    private long _requests;
    private long _writing;

    public void RequestStarted()
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _writing);
    }

    public void RequestEnded() => Interlocked.Decrement(ref _writing);

    /// <summary>The same listener, counted.</summary>
    public ITcpListener Count(ITcpListener listener) => new CountingListener(listener, this);

    public string Describe()
    {
        var (accepted, active, writing) = (Interlocked.Read(ref _accepted), Interlocked.Read(ref _active), Interlocked.Read(ref _writing));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Active connections: {active} \nserver accepts handled requests\n {accepted} {accepted} {Interlocked.Read(ref _requests)} \nReading: 0 Writing: {writing} Waiting: {Math.Max(0, active - writing)} \n");
    }

    private sealed class CountingListener(ITcpListener inner, NginxStatus status) : ITcpListener
    {
        public SocketAddress Local => inner.Local;

        public async ValueTask<ITcpConnection?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            if (await inner.AcceptAsync(cancellationToken) is not { } connection) return null;
            Interlocked.Increment(ref status._accepted);
            Interlocked.Increment(ref status._active);
            connection.Closed.Register(static state => Interlocked.Decrement(ref ((NginxStatus)state!)._active), status);
            return connection;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
