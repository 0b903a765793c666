using System.Globalization;
using System.Text;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>What the pod's interfaces and routes are: ip, ifconfig, route. All of them only show; nothing can be changed from inside a pod.</summary>
internal static class InterfaceTools
{
    public static IEnumerable<Tool> All =>
    [
        new("ip", "[OPTIONS] address|link|route|neigh [ARGS]\n\nOPTIONS := -4|-6|-o[neline]", IpAsync),
        new("ifconfig", "[-a] [interface]\n\nShow network interfaces", ShowInterfacesAsync),
        new("route", "[-ne] [-A inet]\n\nShow the kernel's routing table", tool => PrintAsync(tool, RoutingTable(tool))),
    ];

    /// <summary>What "route" and "netstat -r" print.</summary>
    public static string RoutingTable(ToolContext tool)
    {
        var text = new StringBuilder("Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n");
        foreach (var address in Addresses(tool, v4: true).Take(1))
        {
            Append("0.0.0.0", PodInterface.Gateway(address).ToString(), "0.0.0.0", "UG");
            Append(PodInterface.Network(address).Base.ToString(), "0.0.0.0", "255.255.255.0", "U");
        }
        return text.ToString();

        void Append(string destination, string gateway, string mask, string flags) =>
            text.Append(CultureInfo.InvariantCulture, $"{destination,-16}{gateway,-16}{mask,-16}{flags,-5} 0      0        0 {PodInterface.Name}\n");
    }

    private static async Task<int> IpAsync(ToolContext tool)
    {
        var words = tool.Arguments.ToList();
        bool? v4 = null;
        var oneLine = false;
        while (words.Count > 0 && words[0].StartsWith('-'))
        {
            switch (words[0])
            {
                case "-4": v4 = true; break;
                case "-6": v4 = false; break;
                case "-o" or "-oneline": oneLine = true; break;
                case "-d" or "-s" or "-details" or "-statistics" or "-r": break;
                default: throw new UsageException();
            }
            words.RemoveAt(0);
        }
        if (words.Count == 0) throw new UsageException();
        var (what, verb) = (words[0], words.ElementAtOrDefault(1) ?? "show");
        var device = words.IndexOf("dev") is >= 0 and var at && at + 1 < words.Count ? words[at + 1] : words.Count == 3 && IsShow(verb) ? words[2] : null;
        if (device is not (null or "lo" or PodInterface.Name)) throw new ToolException($"can't find device '{device}'");
        if (verb is "add" or "del" or "set" or "change" or "replace" or "flush") throw new ToolException("RTNETLINK answers: Operation not permitted", 2);
        if ("address".StartsWith(what, StringComparison.Ordinal)) return await PrintAsync(tool, Links(tool, device, v4, oneLine, withAddresses: true));
        if ("link".StartsWith(what, StringComparison.Ordinal)) return await PrintAsync(tool, Links(tool, device, v4, oneLine, withAddresses: false));
        if ("route".StartsWith(what, StringComparison.Ordinal)) return await PrintAsync(tool, device == "lo" ? "" : Routes(tool, v4 ?? true, verb == "get" ? words.ElementAtOrDefault(2) : null));
        if ("neighbor".StartsWith(what, StringComparison.Ordinal) || what == "neighbour") return 0;
        throw new UsageException();
    }

    private static bool IsShow(string verb) => "show".StartsWith(verb, StringComparison.Ordinal) || "list".StartsWith(verb, StringComparison.Ordinal);

    private static string Links(ToolContext tool, string? device, bool? v4, bool oneLine, bool withAddresses)
    {
        var text = new StringBuilder();
        IReadOnlyList<IpAddress> own = [.. tool.Process.Network.Addresses];
        if (device != PodInterface.Name)
            Append(1, "lo", $"<LOOPBACK,UP,LOWER_UP> mtu {PodInterface.LoopbackTransmissionUnit} qdisc noqueue qlen 1000", "link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00",
                ["inet 127.0.0.1/8 scope host lo", "inet6 ::1/128 scope host "]);
        if (device != "lo")
            Append(2, PodInterface.Name, $"<BROADCAST,MULTICAST,UP,LOWER_UP> mtu {PodInterface.MaximumTransmissionUnit} qdisc noqueue ", $"link/ether {PodInterface.HardwareAddress(own)} brd ff:ff:ff:ff:ff:ff",
                [.. own.Select(Describe)]);
        return text.ToString();

        void Append(int index, string name, string flags, string link, string[] addresses)
        {
            var shown = addresses.Where(address => v4 is null || address.StartsWith("inet ", StringComparison.Ordinal) == v4).ToArray();
            if (oneLine && withAddresses)
            {
                foreach (var address in shown) text.Append(CultureInfo.InvariantCulture, $"{index}: {name}    {address}\\       valid_lft forever preferred_lft forever\n");
                return;
            }
            text.Append(CultureInfo.InvariantCulture, $"{index}: {name}: {flags}").Append(oneLine ? "\\    " : "\n    ").Append(v4 is null || !withAddresses ? link + "\n" : "");
            if (v4 is not null && withAddresses) text.Length -= 4;
            if (!withAddresses) return;
            foreach (var address in shown) text.Append(CultureInfo.InvariantCulture, $"    {address}\n       valid_lft forever preferred_lft forever\n");
        }
    }

    private static string Describe(IpAddress address) => address.IsV4
        ? $"inet {address}/{PodInterface.Prefix(address)} brd {PodInterface.Broadcast(address)} scope global {PodInterface.Name}"
        : $"inet6 {address}/{PodInterface.Prefix(address)} scope global ";

    private static string Routes(ToolContext tool, bool v4, string? to)
    {
        var address = Addresses(tool, v4).FirstOrDefault();
        if (address == default) return "";
        if (to is null)
            return $"default via {PodInterface.Gateway(address)} dev {PodInterface.Name} \n{PodInterface.Network(address)} dev {PodInterface.Name} scope link  src {address} \n";
        if (!IpAddress.TryParse(to, out var remote)) throw new ToolException($"invalid argument '{to}' to 'ip'");
        return remote.IsLoopback || tool.Process.Network.Addresses.Contains(remote) ? $"local {remote} dev lo  src {remote} \n"
            : PodInterface.Network(address).Contains(remote) ? $"{remote} dev {PodInterface.Name}  src {address} \n"
            : $"{remote} via {PodInterface.Gateway(address)} dev {PodInterface.Name}  src {address} \n";
    }

    private static async Task<int> ShowInterfacesAsync(ToolContext tool)
    {
        var options = tool.Parse("a");
        var device = options.Operands.FirstOrDefault();
        if (options.Operands.Count > 1) throw new ToolException("SIOCSIFADDR: Operation not permitted");
        if (device is not (null or "lo" or PodInterface.Name)) throw new ToolException($"{device}: error fetching interface information: Device not found");
        var text = new StringBuilder();
        if (device != "lo")
        {
            text.Append(CultureInfo.InvariantCulture, $"{PodInterface.Name,-10}Link encap:Ethernet  HWaddr {PodInterface.HardwareAddress(tool.Process.Network.Addresses).ToUpperInvariant()}  \n");
            foreach (var address in tool.Process.Network.Addresses)
                text.Append(address.IsV4 ? $"          inet addr:{address}  Bcast:{PodInterface.Broadcast(address)}  Mask:255.255.255.0\n" : $"          inet6 addr: {address}/{PodInterface.Prefix(address)} Scope:Global\n");
            text.Append(CultureInfo.InvariantCulture, $"          UP BROADCAST RUNNING MULTICAST  MTU:{PodInterface.MaximumTransmissionUnit}  Metric:1\n\n");
        }
        if (device != PodInterface.Name)
        {
            text.Append("lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          inet6 addr: ::1/128 Scope:Host\n")
                .Append(CultureInfo.InvariantCulture, $"          UP LOOPBACK RUNNING  MTU:{PodInterface.LoopbackTransmissionUnit}  Metric:1\n\n");
        }
        return await PrintAsync(tool, text.ToString());
    }

    private static IEnumerable<IpAddress> Addresses(ToolContext tool, bool v4) => tool.Process.Network.Addresses.Where(address => address.IsV4 == v4);

    private static async Task<int> PrintAsync(ToolContext tool, string text)
    {
        await tool.Out.WriteTextAsync(text);
        return 0;
    }
}
