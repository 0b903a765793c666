using System.Globalization;
using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>netexec's client: asks another netexec, and says what came of it as JSON.</summary>
internal sealed class GoDialer(AgnHostContext agnhost)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="protocol">"http", "udp" or "sctp".</param>
    /// <returns>{"errors":[...],"responses":[...]}, each only if there is something in it.</returns>
    /// <exception cref="GoException">The host or port means nothing.</exception>
    public async Task<string> DialAsync(string host, string port, string request, string protocol, int tries)
    {
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw new GoException($"lookup {(protocol == "udp" ? "udp" : "tcp")}/{port}: unknown port");
        var remote = new SocketAddress(await agnhost.ResolveAsync(host), number);
        var (responses, errors, last) = (new List<string>(), new List<string>(), "");
        for (var i = 0; i < tries; i++)
        {
            try
            {
                last = protocol switch
                {
                    "udp" => await AskAsync(remote, request),
                    "sctp" => await SctpCommands.AskAsync(agnhost, remote, request),
                    _ => await GetAsync(remote, request),
                };
                responses.Add(last);
            }
            catch (GoException fault)
            {
                last = "";
                errors.Add(fault.Message);
            }
        }
        var output = new Dictionary<string, IReadOnlyList<string>>();
        // As upstream: by the last answer alone.
        if (last.Length > 0) output["responses"] = responses;
        if (errors.Count > 0) output["errors"] = errors;
        return GoHttp.Json(output);
    }

    /// <returns>The body of the answer, whatever its status.</returns>
    /// <exception cref="GoException">There is no answer.</exception>
    public async Task<string> GetAsync(SocketAddress remote, string request)
    {
        var url = $"http://{remote}/{request}";
        using var limit = new CancellationTokenSource(Patience, agnhost.Process.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, agnhost.Process.Killed);
        try
        {
            return (await GoHttpClient.GetAsync(agnhost, url, either.Token)).Body;
        }
        catch (OperationCanceledException) when (!agnhost.Process.Killed.IsCancellationRequested)
        {
            throw new GoException($"Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
    }

    private async Task<string> AskAsync(SocketAddress remote, string request)
    {
        using var socket = agnhost.Process.Network.BindUdp(new SocketAddress(remote.Address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, 0));
        using var limit = new CancellationTokenSource(Patience, agnhost.Process.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, agnhost.Process.Killed);
        var operation = $"read udp {new SocketAddress(agnhost.Process.Network.AddressTowards(remote.Address), socket.Local.Port)}->{remote}";
        try
        {
            socket.Send(Encoding.UTF8.GetBytes(request), remote);
            while (true)
            {
                var datagram = await socket.ReceiveAsync(either.Token);
                if (datagram.Remote == remote) return Encoding.UTF8.GetString(datagram.Payload.Span);
            }
        }
        catch (OperationCanceledException) when (!agnhost.Process.Killed.IsCancellationRequested)
        {
            throw new GoException($"reading from udp connection failed. err:'{operation}: i/o timeout'");
        }
        catch (SocketFaultException fault)
        {
            throw new GoException($"reading from udp connection failed. err:'{GoException.Describe(operation, fault, "read")}'");
        }
    }
}
