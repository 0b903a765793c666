using System.Globalization;
using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost connect: tries one connection and names what came in the way by a word that tests look for.</summary>
internal static class ConnectCommand
{
    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        new("timeout", GoFlagKind.Duration, "0s"),
        new("protocol", GoFlagKind.Text, "tcp"),
        new("udp-data", GoFlagKind.Text, "hostname"),
        new("sctp-data", GoFlagKind.Text, "hostname"),
    ];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        var protocol = agnhost.Flags.Text("protocol");
        if (protocol is not ("" or "tcp" or "udp" or "sctp")) return await FailAsync(agnhost, $"Unsupported protocol\n{protocol}");
        var destination = agnhost.Flags.Arguments[0];
        var colon = destination.LastIndexOf(':');
        if (colon < 0) return await FailAsync(agnhost, $"{(protocol is "udp" or "sctp" ? "DNS" : "UNKNOWN")}: address {destination}: missing port in address");
        if (!ushort.TryParse(destination.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return await FailAsync(agnhost, $"DNS: lookup {(protocol == "udp" ? "udp" : "tcp")}/{destination[(colon + 1)..]}: unknown port");
        SocketAddress remote;
        try
        {
            remote = new SocketAddress(await agnhost.ResolveAsync(destination[..colon].Trim('[', ']')), port);
        }
        catch (GoException fault)
        {
            return await FailAsync(agnhost, $"DNS: {fault.Message}");
        }
        if (protocol == "sctp") return await SctpCommands.ConnectAsync(agnhost, remote) is { } failure ? await FailAsync(agnhost, failure) : 0;
        return protocol == "udp" ? await AskAsync(agnhost, remote) : await ConnectAsync(agnhost, remote);
    }

    private static async Task<int> ConnectAsync(AgnHostContext agnhost, SocketAddress remote)
    {
        using var limit = Limit(agnhost);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, agnhost.Process.Killed);
        try
        {
            await using var connection = await agnhost.Process.Network.ConnectTcpAsync(remote, null, either.Token);
            return 0;
        }
        catch (OperationCanceledException) when (!agnhost.Process.Killed.IsCancellationRequested)
        {
            return await FailAsync(agnhost, "TIMEOUT");
        }
        catch (SocketFaultException fault)
        {
            return await FailAsync(agnhost, fault.Fault switch
            {
                SocketFault.TimedOut => "TIMEOUT",
                SocketFault.ConnectionRefused => "REFUSED",
                _ => $"OTHER: {GoException.Describe($"dial tcp {remote}", fault, "connect")}",
            });
        }
    }

    private static async Task<int> AskAsync(AgnHostContext agnhost, SocketAddress remote)
    {
        using var limit = Limit(agnhost);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, agnhost.Process.Killed);
        using var socket = agnhost.Process.Network.BindUdp(new SocketAddress(remote.Address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, 0));
        var operation = $"read udp {new SocketAddress(agnhost.Process.Network.AddressTowards(remote.Address), socket.Local.Port)}->{remote}";
        try
        {
            socket.Send(Encoding.UTF8.GetBytes(agnhost.Flags.Text("udp-data") + "\n"), remote);
            Datagram answer;
            do answer = await socket.ReceiveAsync(either.Token);
            while (answer.Remote != remote);
            return answer.Payload.IsEmpty ? await FailAsync(agnhost, "OTHER: No data received from the server. Cannot guarantee the server received the request.") : 0;
        }
        catch (OperationCanceledException) when (!agnhost.Process.Killed.IsCancellationRequested)
        {
            return await FailAsync(agnhost, $"TIMEOUT: {operation}: i/o timeout");
        }
        catch (SocketFaultException fault)
        {
            return await FailAsync(agnhost, $"{(fault.Fault == SocketFault.ConnectionRefused ? "REFUSED" : "UNKNOWN")}: {GoException.Describe(operation, fault, "recvfrom")}");
        }
    }

    private static CancellationTokenSource Limit(AgnHostContext agnhost) =>
        new(agnhost.Flags.Duration("timeout") is { Ticks: > 0 } timeout ? timeout : Timeout.InfiniteTimeSpan, agnhost.Process.Clock);

    private static async Task<int> FailAsync(AgnHostContext agnhost, string message)
    {
        await agnhost.Process.PrintErrorAsync(message + "\n");
        return 1;
    }
}
