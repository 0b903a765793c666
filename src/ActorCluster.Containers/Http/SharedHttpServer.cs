using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Authentication;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ActorCluster.Containers.Http;

/// <summary>
/// The one Kestrel of a process. Every program that serves HTTP hands it the connections of its simulated listeners; each connection
/// carries the handler that answers it. A server per pod would cost threads, timers and hundreds of kilobytes each.
/// </summary>
/// <remarks>Started by the first connection. Registered as a singleton by <see cref="ContainerHttpServices.AddContainerHttp"/>; the provider's disposal stops it.</remarks>
public sealed class SharedHttpServer : IAsyncDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(3650);

    private readonly SimulationContext _simulation;
    private readonly AcceptedConnections _accepted = new("http");
    private readonly AcceptedConnections _accepted2 = new("http2");
    private readonly Lazy<Task<KestrelServer>> _server;
    private long _lastConnectionId;

    /// <param name="loggers">Kestrel's own log; null for none.</param>
    public SharedHttpServer(SimulationContext simulation, ILoggerFactory? loggers = null)
    {
        _simulation = simulation;
        _server = new Lazy<Task<KestrelServer>>(() => StartAsync(loggers ?? NullLoggerFactory.Instance));
    }

    /// <summary>Answers the listener's connections with <paramref name="handler"/>. The listener is closed when this completes.</summary>
    /// <param name="stopping">
    /// Ends it gracefully: no new connections, requests under way are finished, idle connections are closed.
    /// </param>
    /// <param name="killed">Ends it at once: open connections are reset.</param>
    /// <returns>Completes when the last connection has ended.</returns>
    public async Task ServeAsync(
        ITcpListener listener,
        RequestDelegate handler,
        HttpServeOptions? options = null,
        CancellationToken stopping = default,
        CancellationToken killed = default)
    {
        options ??= HttpServeOptions.Default;
        var open = new ConcurrentDictionary<TcpConnectionContext, Task>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, killed);
        await using (listener)
        {
            using var places = options.MaxConnections is { } maximum ? new SemaphoreSlim(maximum) : null;
            await AcceptAllAsync(listener, handler, options, open, places, ending.Token);
            await listener.DisposeAsync();
            foreach (var connection in open.Keys) connection.RequestClose();
            await DrainAsync(open, options, killed);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            var server = await _server.Value;
            // Already cancelled: open connections are reset instead of waited for.
            await server.StopAsync(new CancellationToken(canceled: true));
            server.Dispose();
        }
        await _accepted.DisposeAsync();
        await _accepted2.DisposeAsync();
    }

    private async Task AcceptAllAsync(
        ITcpListener listener, RequestDelegate handler, HttpServeOptions options, ConcurrentDictionary<TcpConnectionContext, Task> open, SemaphoreSlim? places, CancellationToken ending)
    {
        try
        {
            while (true)
            {
                if (places is not null) await places.WaitAsync(ending);
                if (await listener.AcceptAsync(ending) is not { } accepted) return;
                await _server.Value;
                var id = Interlocked.Increment(ref _lastConnectionId).ToString(CultureInfo.InvariantCulture);
                var connection = new TcpConnectionContext(accepted, id, handler);
                open[connection] = ForgetAsync(connection);
                if (options.Certificate is null) await HandOverAsync(connection, options);
                else _ = _simulation.Start(() => SecureAsync(connection, options));
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The program ends; what it accepted so far is drained by the caller.
        }

        async Task ForgetAsync(TcpConnectionContext connection)
        {
            await connection.Ended;
            open.TryRemove(connection, out _);
            places?.Release();
        }
    }

    /// <summary>A client that can't agree with the server loses its connection; the others are served on.</summary>
    private async Task SecureAsync(TcpConnectionContext connection, HttpServeOptions options)
    {
        try
        {
            await connection.SecureAsync(options.Certificate!, options.Http2);
        }
        catch (Exception fault) when (fault is AuthenticationException or IOException)
        {
            if (options.HandshakeFailed is { } tell) await tell(connection.Remote, fault is AuthenticationException ? "tls: handshake failure" : "EOF");
            await CutAsync(connection);
            return;
        }
        await HandOverAsync(connection, options);
    }

    private ValueTask HandOverAsync(TcpConnectionContext connection, HttpServeOptions options) => (options.Http2 ? _accepted2 : _accepted).Add(connection) ? ValueTask.CompletedTask : CutAsync(connection);

    private static async ValueTask CutAsync(TcpConnectionContext connection)
    {
        connection.Abort();
        await connection.DisposeAsync();
    }

    private async Task DrainAsync(ConcurrentDictionary<TcpConnectionContext, Task> open, HttpServeOptions options, CancellationToken killed)
    {
        var drained = Task.WhenAll(open.Values);
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(killed);
        using var timer = options.DrainTimeout is { } limit
            ? _simulation.Clock.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), abort, limit, Timeout.InfiniteTimeSpan)
            : null;
        using (abort.Token.Register(() =>
        {
            foreach (var connection in open.Keys) connection.Abort();
        }))
        {
            await drained;
        }
    }

    private async Task<KestrelServer> StartAsync(ILoggerFactory loggers)
    {
        var options = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false, ApplicationServices = new ServiceCollection().BuildServiceProvider() };
        // Kestrel measures these on the host's clock, which must not decide anything in here. (Infinite overflows its arithmetic: idle connections would close.)
        options.Limits.KeepAliveTimeout = Never;
        options.Limits.RequestHeadersTimeout = Never;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        // The handlers' own business, as nginx's client_max_body_size is.
        options.Limits.MaxRequestBodySize = null;
        options.Listen(_accepted.EndPoint, listen => listen.Protocols = HttpProtocols.Http1);
        options.Listen(_accepted2.EndPoint, listen => listen.Protocols = HttpProtocols.Http2);
        var server = new KestrelServer(Options.Create(options), new AcceptedConnectionsFactory([_accepted, _accepted2]), loggers);
        await server.StartAsync(new DispatchingApplication(new HttpDate(_simulation.Clock)), CancellationToken.None);
        return server;
    }
}
