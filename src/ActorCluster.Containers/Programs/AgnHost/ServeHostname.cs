using System.Globalization;
using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost serve-hostname: says its hostname by HTTP, or raw by TCP and UDP. It lingers for a minute after SIGTERM, as upstream does.</summary>
internal static class ServeHostname
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        new("tcp", GoFlagKind.Boolean, "false"),
        new("udp", GoFlagKind.Boolean, "false"),
        new("http", GoFlagKind.Boolean, "true"),
        new("close", GoFlagKind.Boolean, "false"),
        new("port", GoFlagKind.Integer, "9376"),
    ];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        var (process, flags) = (agnhost.Process, agnhost.Flags);
        if (flags.IsOn("http") && (flags.IsOn("tcp") || flags.IsOn("udp"))) return await agnhost.DieAsync("Can't server TCP/UDP mode and HTTP mode at the same time");
        var port = flags.Number("port");
        var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Signals.Handle(Signals.Terminate, () => terminated.TrySetResult());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(process.Killed);
        var serving = new List<Task>();
        try
        {
            if (flags.IsOn("tcp")) serving.Add(ServeTcpAsync(agnhost, agnhost.Listen(port), ended.Token));
            if (flags.IsOn("udp")) serving.Add(ServeUdpAsync(agnhost, process.Network.BindUdp(new SocketAddress(IpAddress.AnyV6, (ushort)port)), ended.Token));
            if (flags.IsOn("http")) serving.Add(agnhost.ServeAsync(agnhost.Listen(port), http => AnswerAsync(agnhost, http), default, ended.Token));
            await agnhost.LogAsync($"Serving on port {port}.");
            await terminated.Task.WaitAsync(process.Killed);
            await agnhost.LogAsync("Shutting down after receiving signal: terminated.");
            await agnhost.LogAsync("Awaiting pod deletion.");
            await Task.Delay(Linger, process.Clock, process.Killed);
            return 0;
        }
        catch (SocketFaultException fault)
        {
            return await agnhost.DieAsync(string.Create(CultureInfo.InvariantCulture, $"Error from net.Listen(): listen :{port}: bind: {fault.Message.ToLowerInvariant()}"));
        }
        finally
        {
            await ended.CancelInOrderAsync();
            await Task.WhenAll(serving);
        }
    }

    private static async Task AnswerAsync(AgnHostContext agnhost, HttpContext http)
    {
        await agnhost.LogAsync($"HTTP request from {GoHttp.RemoteAddress(http)}");
        if (agnhost.Flags.IsOn("close")) http.Response.Headers.Connection = "close";
        await GoHttp.WriteAsync(http, agnhost.Hostname);
    }

    private static async Task ServeTcpAsync(AgnHostContext agnhost, ITcpListener listener, CancellationToken ended)
    {
        await using var bound = listener;
        try
        {
            while (await listener.AcceptAsync(ended) is { } connection)
            {
                await using (connection)
                {
                    await agnhost.LogAsync($"TCP request from {connection.Remote}");
                    await connection.Output.WriteAsync(Encoding.UTF8.GetBytes(agnhost.Hostname), ended);
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }
    }

    private static async Task ServeUdpAsync(AgnHostContext agnhost, IUdpSocket socket, CancellationToken ended)
    {
        using var bound = socket;
        while (true)
        {
            try
            {
                var request = await socket.ReceiveAsync(ended);
                await agnhost.LogAsync($"UDP request from {request.Remote}");
                socket.Send(Encoding.UTF8.GetBytes(agnhost.Hostname), request.Remote);
            }
            catch (SocketFaultException fault) when (fault.Fault is SocketFault.ConnectionRefused or SocketFault.HostUnreachable or SocketFault.NetworkUnreachable)
            {
                // A client that didn't wait for its answer.
            }
            catch (Exception over) when (over is OperationCanceledException or SocketFaultException)
            {
                return;
            }
        }
    }
}
