using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace ActorCluster.Containers.Http;

/// <summary>A queue into which every serving program of the process puts the connections that it accepted.</summary>
/// <param name="name">What Kestrel's own logging calls it.</param>
internal sealed class AcceptedConnections(string name) : IConnectionListener
{
    private readonly Channel<ConnectionContext> _queue = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    public EndPoint EndPoint { get; } = new SimulatedEndPoint(name);

    /// <returns>False when the server has stopped.</returns>
    public bool Add(ConnectionContext connection) => _queue.Writer.TryWrite(connection);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _queue.Reader.WaitToReadAsync(cancellationToken) && _queue.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _queue.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out var connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    /// <summary>Stands for all simulated listeners; only Kestrel's own logging asks for it.</summary>
    internal sealed class SimulatedEndPoint(string name) : EndPoint
    {
        public override string ToString() => "simulated-" + name;
    }
}

/// <summary>Kestrel's transport: it binds to the queues that there are.</summary>
internal sealed class AcceptedConnectionsFactory(IReadOnlyList<AcceptedConnections> queues) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(queues.Single(queue => ReferenceEquals(queue.EndPoint, endpoint)));
}
