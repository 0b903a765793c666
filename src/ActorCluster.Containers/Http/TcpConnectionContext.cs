using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorCluster.Containers.Http;

/// <summary>An accepted simulated connection as Kestrel sees it: the socket's own pipes, its real addresses, and which program serves it.</summary>
internal sealed class TcpConnectionContext : ConnectionContext, IServedConnectionFeature, ITlsConnectionFeature, ITlsApplicationProtocolFeature
{
    private readonly ITcpConnection _connection;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConnectionFeatures _features = new();
    private SslStream? _secure;

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

    public SocketAddress Remote => _connection.Remote;

    /// <summary>Servers here ask for no client certificates. That the feature is there is how Kestrel knows of https.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

    public ReadOnlyMemory<byte> ApplicationProtocol => _secure?.NegotiatedApplicationProtocol.Protocol ?? ReadOnlyMemory<byte>.Empty;

    /// <summary>Makes it a TLS connection, before Kestrel sees it.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The two can't agree, or the client doesn't speak TLS.</exception>
    /// <exception cref="IOException">The client left.</exception>
    public async Task SecureAsync(X509Certificate2 certificate, bool http2)
    {
        _secure = new SslStream(new TcpConnectionStream(_connection));
        await _secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, ApplicationProtocols = http2 ? [SslApplicationProtocol.Http2] : null });
        Transport = new SecurePipe(PipeReader.Create(_secure, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(_secure, new StreamPipeWriterOptions(leaveOpen: true)));
        _features.Set<ITlsConnectionFeature>(this);
        _features.Set<ITlsApplicationProtocolFeature>(this);
    }

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
            if (_secure is not null) await EndTlsAsync(_secure);
            await _connection.DisposeAsync();
        }
        finally
        {
            _ended.TrySetResult();
            await base.DisposeAsync();
        }
    }

    private static async Task EndTlsAsync(SslStream secure)
    {
        try
        {
            if (secure.IsAuthenticated) await secure.ShutdownAsync();
        }
        catch (IOException)
        {
            return; // The client doesn't wait for the goodbye.
        }
        finally
        {
            await secure.DisposeAsync();
        }
    }

    private sealed record SecurePipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private static System.Net.IPEndPoint ToEndPoint(SocketAddress address) => new(address.Address.ToIPAddress(), address.Port);
}

/// <summary>What the shared server's middleware dispatches by.</summary>
internal interface IServedConnectionFeature
{
    RequestDelegate Handler { get; }
}
