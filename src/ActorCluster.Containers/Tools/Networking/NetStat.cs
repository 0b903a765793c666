using System.Globalization;
using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>netstat: the sockets of the pod, whichever container opened them. Names are never resolved.</summary>
internal static class NetStat
{
    private const string Listening = "LISTEN";

    public static Tool Tool => new(
        "netstat", "[-ral] [-tuwxS] [-en]\n\nDisplay networking information\n\n\t-r\tRouting table\n\t-a\tAll sockets\n\t-l\tListening sockets\n\t\tElse: connected sockets\n\t-t\tTCP sockets\n\t-u\tUDP sockets\n\t-S\tSCTP sockets\n\t-n\tDon't resolve names", RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("laentuwxSrWp");
        if (options.Has('r'))
        {
            await tool.Out.WriteAsync(InterfaceTools.RoutingTable(tool));
            return 0;
        }
        var every = !"tuwxS".Any(options.Has);
        if (!every && !"tuS".Any(options.Has)) return 0;
        var kinds = options.Has('a') ? "servers and established" : options.Has('l') ? "only servers" : "w/o servers";
        var text = new StringBuilder($"Active Internet connections ({kinds})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n");
        var sockets = tool.Process.Network.ListSockets()
            .Where(socket => every || options.Has(socket.Protocol switch { "tcp" => 't', "udp" => 'u', _ => 'S' }))
            .Where(socket => options.Has('a') || IsServer(socket) == options.Has('l'))
            .OrderBy(socket => socket.Protocol, StringComparer.Ordinal).ThenBy(socket => !IsServer(socket)).ThenBy(socket => socket.Local.Port).ThenBy(socket => socket.Remote?.Port ?? 0);
        foreach (var socket in sockets)
        {
            var remote = socket.Remote is { } peer ? Describe(peer) : Describe(new SocketAddress(Hosts.AnyFor(socket.Local.Address), 0));
            text.Append(CultureInfo.InvariantCulture, $"{socket.Protocol,-5}      0      0 {Describe(socket.Local),-23} {remote,-23} {socket.State,-12}\n");
        }
        await tool.Out.WriteAsync(text.ToString());
        return 0;
    }

    private static bool IsServer(SocketInfo socket) => socket.State == Listening || (socket.Protocol == "udp" && socket.Remote is null);

    private static string Describe(SocketAddress address) =>
        string.Create(CultureInfo.InvariantCulture, $"{address.Address}:{(address.Port == 0 ? "*" : address.Port)}");
}
