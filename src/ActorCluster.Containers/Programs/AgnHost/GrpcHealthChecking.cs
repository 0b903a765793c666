using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost grpc-health-checking: a server of grpc.health.v1.Health, and one by HTTP that makes it say that it is ill.</summary>
internal sealed class GrpcHealthChecking(AgnHostContext agnhost)
{
    // google.golang.org/grpc/codes.
    private const int NotFound = 5;
    private const int Unimplemented = 12;
    private const int Internal = 13;

    /// <summary>More than any request for a health check has.</summary>
    private const int LongestRequest = 4096;

    private readonly DateTimeOffset _started = agnhost.Process.Clock.GetUtcNow();
    private volatile bool _isMarkedIll;

    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        new("port", GoFlagKind.Integer, "5000"), new("http-port", GoFlagKind.Integer, "8080"), new("delay-unhealthy-sec", GoFlagKind.Integer, "-1"), new("service", GoFlagKind.Text, ""),
        new("tls-cert-file", GoFlagKind.Text, ""), new("tls-private-key-file", GoFlagKind.Text, ""),
    ];

    private TimeSpan Age => agnhost.Process.Clock.GetUtcNow() - _started;

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        var (certificateFile, keyFile) = (agnhost.Flags.Text("tls-cert-file"), agnhost.Flags.Text("tls-private-key-file"));
        if (certificateFile.Length == 0 != (keyFile.Length == 0)) return await agnhost.DieAsync("Both --tls-cert-file and --tls-private-key-file must be set");
        X509Certificate2? certificate = null;
        try
        {
            if (certificateFile.Length > 0) certificate = await AgnHostCertificate.LoadAsync(agnhost, certificateFile, keyFile);
        }
        catch (GoException fault)
        {
            return await agnhost.DieAsync($"Failed to generate credentials {fault.Message}");
        }
        using (certificate) return await new GrpcHealthChecking(agnhost).ServeAsync(certificate);
    }

    private async Task<int> ServeAsync(X509Certificate2? certificate)
    {
        var (port, httpPort) = (agnhost.Flags.Number("port"), agnhost.Flags.Number("http-port"));
        await agnhost.LogAsync(string.Create(CultureInfo.InvariantCulture, $"Http server starting to listen on :{httpPort}"));
        if (await ListenAsync(httpPort, "") is not { } control) return 1;
        await using (control)
        {
            if (await ListenAsync(port, "Error while starting the listening service ") is not { } health) return 1;
            await agnhost.LogAsync(string.Create(CultureInfo.InvariantCulture, $"gRPC server starting to listen on :{port}"));
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(agnhost.Process.Killed);
            var serving = Task.WhenAll(
                agnhost.ServeAsync(control, ControlAsync, default, ended.Token), agnhost.ServeAsync(health, CheckAsync, default, ended.Token, certificate, http2: true));
            try
            {
                return await agnhost.UntilSignalAsync();
            }
            finally
            {
                await ended.CancelInOrderAsync();
                await serving;
            }
        }
    }

    private async Task<ITcpListener?> ListenAsync(int port, string prefix)
    {
        try
        {
            return agnhost.Listen(port);
        }
        catch (SocketFaultException fault)
        {
            await agnhost.LogAsync(string.Create(CultureInfo.InvariantCulture, $"{prefix}listen tcp :{port}: bind: {fault.Message.ToLowerInvariant()}"));
            return null;
        }
    }

    private async Task ControlAsync(HttpContext http)
    {
        if (http.Request.Path != "/make-not-serving" && http.Request.Path != "/make-serving")
        {
            await GoHttp.NotFoundAsync(http);
            return;
        }
        var ill = http.Request.Path == "/make-not-serving";
        await agnhost.LogAsync(ill ? "Mark as unhealthy" : "Mark as healthy");
        _isMarkedIll = ill;
        await GoHttp.WriteAsync(http, GoDuration.Format(Age));
    }

    private async Task CheckAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || http.Request.ContentType?.StartsWith(GrpcHealth.ContentType, StringComparison.Ordinal) != true)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        http.Response.ContentType = GrpcHealth.ContentType;
        if (http.Request.Path != GrpcHealth.CheckPath)
        {
            var known = http.Request.Path.Value is "/grpc.health.v1.Health/Watch" or "/grpc.health.v1.Health/List";
            Refuse(http, Unimplemented, known ? "unimplemented" : $"unknown service {http.Request.Path.Value?.Split('/').ElementAtOrDefault(1)}");
            return;
        }
        string service;
        try
        {
            service = GrpcHealth.ReadRequest(await ReadAsync(http));
        }
        catch (InvalidDataException fault)
        {
            Refuse(http, Internal, fault.Message);
            return;
        }
        await agnhost.LogAsync($"Serving the Check request for health check, started at {_started.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} +0000 UTC");
        if (service != agnhost.Flags.Text("service"))
        {
            Refuse(http, NotFound, "unknown service");
            return;
        }
        var delay = agnhost.Flags.Number("delay-unhealthy-sec");
        var ill = _isMarkedIll || (delay >= 0 && Age.TotalSeconds >= delay);
        http.Response.DeclareTrailer("grpc-status");
        await http.Response.Body.WriteAsync(GrpcHealth.Response(ill ? GrpcHealth.NotServing : GrpcHealth.Serving), http.RequestAborted);
        http.Response.AppendTrailer("grpc-status", "0");
        http.Response.AppendTrailer("grpc-message", "");
    }

    /// <summary>An answer that consists of trailers alone, as gRPC has it for faults.</summary>
    private static void Refuse(HttpContext http, int code, string message)
    {
        http.Response.Headers["grpc-status"] = code.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["grpc-message"] = message;
    }

    private static async Task<byte[]> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        var buffer = new byte[LongestRequest];
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var count)
        {
            body.Write(buffer, 0, count);
            if (body.Length > LongestRequest) throw new InvalidDataException("The request is too long.");
        }
        return body.ToArray();
    }
}
