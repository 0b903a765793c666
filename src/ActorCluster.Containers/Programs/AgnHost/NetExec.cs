using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost netexec: an HTTP server, UDP servers and an SCTP server that tell of themselves, dial others, and end when asked.</summary>
internal sealed class NetExec
{
    private readonly AgnHostContext _agnhost;
    private readonly TaskCompletionSource<NetExecEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _isTerminating;

    private NetExec(AgnHostContext agnhost) => _agnhost = agnhost;

    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        new("http-port", GoFlagKind.Integer, "8080"),
        new("tls-cert-file", GoFlagKind.Text, ""),
        new("tls-private-key-file", GoFlagKind.Text, ""),
        new("udp-port", GoFlagKind.Integer, "8081"),
        new("sctp-port", GoFlagKind.Integer, "-1"),
        new("http-override", GoFlagKind.Text, ""),
        new("udp-listen-addresses", GoFlagKind.Text, ""),
        new("delay-shutdown", GoFlagKind.Integer, "0"),
    ];

    public static Task<int> RunAsync(AgnHostContext agnhost) => new NetExec(agnhost).RunAsync();

    private async Task<int> RunAsync()
    {
        var (process, flags) = (_agnhost.Process, _agnhost.Flags);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(process.Killed);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(process.Killed);
        process.Signals.Handle(Signals.Terminate, () => process.Simulation.Start(OnTerminateAsync));
        process.Signals.Handle(Signals.Interrupt, () => _end.TrySetResult(new NetExecEnd(process.ProcessId == 1 ? 2 : 128 + Signals.Interrupt, TimeSpan.Zero)));
        var handlers = new NetExecHandlers(_agnhost, end => _end.TrySetResult(end), () => _isTerminating);
        var serving = new List<Task>();
        try
        {
            if (flags.Number("udp-port") is not -1 and var udpPort) serving.AddRange(ListenUdp(udpPort, handlers, killed.Token));
            if (flags.Number("sctp-port") is not -1 and var sctpPort)
                serving.Add(handlers.ServeSctpAsync(
                    Bind(() => process.Network.ListenSctp(new SocketAddress(IpAddress.AnyV6, (ushort)sctpPort)), $"Error occurred: failed to create listener for SCTP address :{sctpPort}"), killed.Token));
            var port = flags.Number("http-port");
            using var certificate = flags.Text("tls-cert-file") is { Length: > 0 } file ? await AgnHostCertificate.LoadAsync(_agnhost, file, flags.Text("tls-private-key-file")) : null;
            var listener = Bind(() => _agnhost.Listen(port), $"listen tcp :{port}");
            await _agnhost.LogAsync($"Started HTTP{(certificate is null ? "" : "S")} server on port {port}");
            var http = _agnhost.ServeAsync(listener, handlers.HandleAsync, stopping.Token, killed.Token, certificate);
            serving.Add(http);

            var end = await _end.Task.WaitAsync(process.Killed);
            if (end.Grace > TimeSpan.Zero)
            {
                await stopping.CancelInOrderAsync();
                var finished = await Task.WhenAny(http, Task.Delay(end.Grace, process.Clock, process.Killed)) == http;
                await _agnhost.LogAsync($"Graceful shutdown completed with: {(finished ? "<nil>" : "context deadline exceeded")}");
            }
            return end.Code;
        }
        catch (GoException fault)
        {
            return await _agnhost.DieAsync(fault.Message);
        }
        finally
        {
            await killed.CancelInOrderAsync();
            await Task.WhenAll(serving);
        }
    }

    private async Task OnTerminateAsync()
    {
        _isTerminating = true;
        if (_agnhost.Flags.Number("delay-shutdown") is > 0 and var seconds)
        {
            await _agnhost.LogAsync($"Sleeping {seconds} seconds before terminating...");
            await Task.Delay(TimeSpan.FromSeconds(seconds), _agnhost.Process.Clock, _agnhost.Process.Killed);
        }
        _end.TrySetResult(new NetExecEnd(0, TimeSpan.Zero));
    }

    private Task[] ListenUdp(int port, NetExecHandlers handlers, CancellationToken killed)
    {
        var listed = _agnhost.Flags.Text("udp-listen-addresses");
        string[] addresses = listed.Length == 0 ? [""] : [.. listed.Split(',').Distinct().Order(StringComparer.Ordinal)];
        var sockets = new List<(string Address, IUdpSocket Socket)>();
        foreach (var text in addresses)
        {
            var address = IpAddress.AnyV6;
            if (text.Length > 0 && !IpAddress.TryParse(text, out address)) throw new GoException($"parseAddress: invalid address {text}");
            sockets.Add((text, Bind(() => _agnhost.Process.Network.BindUdp(new SocketAddress(address, (ushort)port)), $"failed to create listener for UDP address {text}:{port}")));
        }
        return [.. sockets.Select(bound => handlers.ServeUdpAsync(bound.Address, port, bound.Socket, killed))];
    }

    private static T Bind<T>(Func<T> bind, string what)
    {
        try
        {
            return bind();
        }
        catch (SocketFaultException fault)
        {
            throw new GoException($"{what}: bind: {fault.Message.ToLowerInvariant()}");
        }
    }
}

/// <param name="Grace">How long requests under way have; zero resets them at once.</param>
internal readonly record struct NetExecEnd(int Code, TimeSpan Grace);
