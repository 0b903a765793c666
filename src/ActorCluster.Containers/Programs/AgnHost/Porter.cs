using System.Globalization;
using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost porter: for each variable SERVE_PORT_n, SERVE_TCP_PORT_n or SERVE_UDP_PORT_n, a server on port n that answers with its value.</summary>
internal static class Porter
{
    public static IReadOnlyList<GoFlag> Flags { get; } = [new("json-response", GoFlagKind.Boolean, "false")];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        var process = agnhost.Process;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(process.Killed);
        var serving = new List<Task>();
        try
        {
            foreach (var (name, value) in process.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
            {
                if (Port(name, "SERVE_PORT_") is { } http) serving.Add(ServeHttpAsync(agnhost, http, value, ended.Token));
                else if (Port(name, "SERVE_TCP_PORT_") is { } tcp) serving.Add(ServeHttpAsync(agnhost, tcp, value, ended.Token));
                else if (Port(name, "SERVE_UDP_PORT_") is { } udp) serving.Add(ServeUdpAsync(agnhost, udp, value, ended.Token));
                else if (Port(name, "SERVE_TLS_PORT_") is { } tls) await agnhost.LogAsync($"tls server on port \"{tls}\" failed: HTTPS servers are not emulated");
                else if (Port(name, "SERVE_SCTP_PORT_") is not null) return await agnhost.DieAsync("Failed to listen SCTP. error: SCTP is not emulated");
            }
            return await agnhost.UntilSignalAsync();
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(serving);
        }
    }

    private static ushort? Port(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && ushort.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static async Task ServeHttpAsync(AgnHostContext agnhost, ushort port, string value, CancellationToken ended)
    {
        var json = agnhost.Flags.IsOn("json-response");
        try
        {
            await agnhost.ServeAsync(agnhost.Listen(port, onlyV4: true), AnswerAsync, default, ended);
        }
        catch (SocketFaultException fault)
        {
            await agnhost.LogAsync($"server on port \"{port}\" failed: listen tcp 0.0.0.0:{port}: bind: {fault.Message.ToLowerInvariant()}");
        }

        Task AnswerAsync(HttpContext http) => json
            ? GoHttp.WriteAsync(http, GoHttp.Json(new PorterAnswer(http.Request.Method, value)), contentType: "application/json")
            : GoHttp.WriteAsync(http, value);
    }

    private static async Task ServeUdpAsync(AgnHostContext agnhost, ushort port, string value, CancellationToken ended)
    {
        try
        {
            using var socket = agnhost.Process.Network.BindUdp(new SocketAddress(IpAddress.AnyV4, port));
            await agnhost.LogAsync($"Started UDP server on port {port}");
            var payload = Encoding.UTF8.GetBytes(value);
            while (true) socket.Send(payload, (await socket.ReceiveAsync(ended)).Remote);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }
        catch (SocketFaultException fault)
        {
            await agnhost.LogAsync($"UDP: error from ReadFrom(): {fault.Message.ToLowerInvariant()}");
        }
    }

    private sealed record PorterAnswer(string Method, string Body);
}
