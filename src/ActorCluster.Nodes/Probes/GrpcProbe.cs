using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using ActorCluster.Nodes.Lifecycle;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Nodes.Probes;

/// <summary>A health check by gRPC, without TLS (grpc.health.v1.Health; pkg/probe/grpc/grpc.go, whose wording of failures this has).</summary>
internal sealed class GrpcProbe(INetworkNamespace host, SimulationContext simulation)
{
    // google.golang.org/grpc/codes.
    private const int Ok = 0;
    private const int Unknown = 2;
    private const int Unimplemented = 12;
    private const int Internal = 13;
    private const int Unavailable = 14;

    private static readonly string[] Codes =
    [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
        "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ];

    /// <summary>How long gRPC waits before it tries a connection again (google.golang.org/grpc/backoff).</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private const double PauseGrowth = 1.6;

    /// <param name="timeout">For connecting and the answer together.</param>
    public async Task<ProbeResult> CheckAsync(SocketAddress target, string service, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, simulation.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var connected = false;
        try
        {
            // As upstream, whose client waits for a connection as long as the probe may take.
            for (var pause = FirstPause; ; pause *= PauseGrowth)
            {
                ITcpConnection connection;
                try
                {
                    connection = await host.ConnectTcpAsync(target, cancellationToken: both.Token);
                }
                catch (SocketFaultException)
                {
                    await Task.Delay(pause, simulation.Clock, both.Token);
                    continue;
                }
                connected = true;
                return await AskAsync(connection, target, service, both.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var patience = GoDuration.Format(timeout);
            return ProbeResult.Failure(connected ? $"timeout: health rpc did not complete within {patience}" : $"timeout: failed to connect service \"{target}\" within {patience}: context deadline exceeded");
        }
    }

    private static async Task<ProbeResult> AskAsync(ITcpConnection connection, SocketAddress target, string service, CancellationToken cancellationToken)
    {
        using var handler = SimulatedHttpClientFactory.CreateHandler();
        handler.ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new TcpConnectionStream(connection));
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{target}{GrpcHealth.CheckPath}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcHealth.Request(service)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(GrpcHealth.ContentType);
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36 grpc-go/1.78.0");
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return Judge(response, body);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return Failed(Unavailable, $"connection error: desc = \"error reading server preface: {Describe(fault)}\"");
        }
    }

    private static ProbeResult Judge(HttpResponseMessage response, byte[] body)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var status = (int)response.StatusCode;
            return Failed(CodeOf(status), string.Create(CultureInfo.InvariantCulture, $"unexpected HTTP status code received from server: {status} ({response.StatusCode}); malformed header: missing HTTP content-type"));
        }
        // Where there is nothing but trailers, they are the headers.
        var trailers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        var code = int.TryParse(Value(trailers, "grpc-status"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : Unknown;
        if (code != Ok) return Failed(code, Uri.UnescapeDataString(Value(trailers, "grpc-message")));
        int health;
        try
        {
            health = GrpcHealth.ReadResponse(body);
        }
        catch (InvalidDataException fault)
        {
            return Failed(Internal, $"grpc: failed to unmarshal the received message: {fault.Message}");
        }
        return health == GrpcHealth.Serving ? new ProbeResult(ProbeOutcome.Success, "service healthy") : ProbeResult.Failure($"service unhealthy (responded with \"{GrpcHealth.NameOf(health)}\")");
    }

    private static ProbeResult Failed(int code, string message) => ProbeResult.Failure(code == Unimplemented
        ? $"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {message}"
        : $"error: health rpc probe failed: rpc error: code = {(code < Codes.Length ? Codes[code] : string.Create(CultureInfo.InvariantCulture, $"Code({code})"))} desc = {message}");

    /// <summary>What an answer that is none of gRPC's stands for (grpc, doc/http-grpc-status-mapping.md).</summary>
    private static int CodeOf(int httpStatus) => httpStatus switch { 400 => Internal, 401 => 16, 403 => 7, 404 => Unimplemented, 429 or 502 or 503 or 504 => Unavailable, _ => Unknown };

    private static string Value(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.First() : "";

    private static string Describe(Exception fault)
    {
        for (var inner = fault; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketFaultException socket) return GoNetworkErrors.Describe(socket.Fault);
        }
        return "EOF";
    }
}
