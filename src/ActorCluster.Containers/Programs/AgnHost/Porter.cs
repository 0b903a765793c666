using System.Globalization;
using System.Text;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost porter: for each variable SERVE_PORT_n, SERVE_TCP_PORT_n, SERVE_TLS_PORT_n, SERVE_UDP_PORT_n or SERVE_SCTP_PORT_n, a server on port n that answers with its value.</summary>
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
                else if (Port(name, "SERVE_TLS_PORT_") is { } tls) serving.Add(ServeHttpsAsync(agnhost, tls, value, ended.Token));
                else if (Port(name, "SERVE_SCTP_PORT_") is { } sctp) serving.Add(SctpCommands.ServeValueAsync(agnhost, agnhost.Process.Network.ListenSctp(new SocketAddress(IpAddress.AnyV4, sctp)), value, ended.Token));
            }
            return await agnhost.UntilSignalAsync();
        }
        catch (SocketFaultException fault)
        {
            return await agnhost.DieAsync($"Failed to listen SCTP. error:{fault.Message.ToLowerInvariant()}");
        }
        finally
        {
            await ended.CancelInOrderAsync();
            await Task.WhenAll(serving);
        }
    }

    private static ushort? Port(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && ushort.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static async Task ServeHttpAsync(AgnHostContext agnhost, ushort port, string value, CancellationToken ended)
    {
        try
        {
            await agnhost.ServeAsync(agnhost.Listen(port, onlyV4: true), Answering(agnhost, value), default, ended);
        }
        catch (SocketFaultException fault)
        {
            await agnhost.LogAsync($"server on port \"{port}\" failed: {Describe(port, fault)}");
        }
    }

    private static async Task ServeHttpsAsync(AgnHostContext agnhost, ushort port, string value, CancellationToken ended)
    {
        var (certificateFile, keyFile) = (Given("CERT_FILE", "localhost.crt"), Given("KEY_FILE", "localhost.key"));
        string why;
        try
        {
            var listener = agnhost.Listen(port, onlyV4: true);
            try
            {
                using var certificate = await AgnHostCertificate.LoadAsync(agnhost, certificateFile, keyFile);
                await agnhost.ServeAsync(listener, Answering(agnhost, value), default, ended, certificate);
                return;
            }
            finally
            {
                await listener.DisposeAsync();
            }
        }
        catch (SocketFaultException fault)
        {
            why = Describe(port, fault);
        }
        catch (GoException fault)
        {
            why = fault.Message;
        }
        await agnhost.LogAsync($"tls server on port \"{port}\" with certFile=\"{certificateFile}\", keyFile=\"{keyFile}\" failed: {why}");

        string Given(string name, string otherwise) => agnhost.Process.Environment.TryGetValue(name, out var file) && file.Length > 0 ? file : otherwise;
    }

    private static RequestDelegate Answering(AgnHostContext agnhost, string value) => agnhost.Flags.IsOn("json-response")
        ? http => GoHttp.WriteAsync(http, GoHttp.Json(new PorterAnswer(http.Request.Method, value)), contentType: "application/json")
        : http => GoHttp.WriteAsync(http, value);

    private static string Describe(ushort port, SocketFaultException fault) => $"listen tcp 0.0.0.0:{port}: bind: {fault.Message.ToLowerInvariant()}";

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
