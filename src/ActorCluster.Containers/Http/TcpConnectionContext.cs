using System.IO.Pipelines;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.Containers.Http;

/// <summary>An accepted simulated connection as Kestrel sees it: the socket's own pipes, its real addresses, and which program serves it.</summary>
internal sealed class TcpConnectionContext : ConnectionContext, IServedConnectionFeature
{
    private readonly ITcpConnection _connection;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConnectionFeatures _features = new();

    public TcpConnectionContext(ITcpConnection connection, string connectionId, RequestDelegate handler)
    {
        _connection = connection;
        ConnectionId = connectionId;
        Handler = handler;
        Transport = connection;
        ConnectionClosed = connection.Closed;
        LocalEndPoint = ToEndPoint(connection.Local);
        RemoteEndPoint = ToEndPoint(connection.Remote);
        _features.Set<IServedConnectionFeature>(this);
    }

    public RequestDelegate Handler { get; }

    /// <summary>Completes when Kestrel has let go of the connection.</summary>
    public Task Ended => _ended.Task;

    public override string ConnectionId { get; set; }
    public override IFeatureCollection Features => _features;
    public override IDictionary<object, object?> Items { get => field ??= new ConnectionItems(); set; }
    public override IDuplexPipe Transport { get; set; }

    /// <summary>Finishes the request under way, tells the client "Connection: close", and closes; an idle connection closes at once.</summary>
    public void RequestClose() => _features.RequestClose();

    public override void Abort() => _connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort();

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.DisposeAsync();
        }
        finally
        {
            _ended.TrySetResult();
            await base.DisposeAsync();
        }
    }

    private static System.Net.IPEndPoint ToEndPoint(SocketAddress address) => new(address.Address.ToIPAddress(), address.Port);
}

/// <summary>What the shared server's middleware dispatches by.</summary>
internal interface IServedConnectionFeature
{
    RequestDelegate Handler { get; }
}
