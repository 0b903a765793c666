using System.Globalization;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Programs;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>getent as glibc has it (getent(1)), for names of hosts and accounts.</summary>
internal static class GetEnt
{
    private const int NotFound = 2;

    public static Tool Tool => new("getent", "DATABASE [KEY]...\n\nPrint entries of a database: hosts, ahosts, ahostsv4, ahostsv6, passwd, group", RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var words = tool.Arguments.ToList();
        // Which service to ask (files, dns) makes no difference here: both are asked, as nsswitch.conf says it.
        if (words is ["-s", _, ..]) words.RemoveRange(0, 2);
        if (words.Count == 0) throw new UsageException();
        var (database, keys) = (words[0], words[1..]);
        return database switch
        {
            "hosts" => keys.Count == 0 ? await ListHostsAsync(tool) : await ForEachAsync(keys, key => HostAsync(tool, key)),
            "ahosts" => await ForEachAsync(keys, key => AddressesAsync(tool, key, null)),
            "ahostsv4" => await ForEachAsync(keys, key => AddressesAsync(tool, key, true)),
            "ahostsv6" => await ForEachAsync(keys, key => AddressesAsync(tool, key, false)),
            "passwd" => await LinesAsync(tool, "/etc/passwd", keys),
            "group" => await LinesAsync(tool, "/etc/group", keys),
            _ => throw new ToolException($"Unknown database: {database}"),
        };
    }

    private static async Task<int> ForEachAsync(List<string> keys, Func<string, Task<bool>> print)
    {
        var status = 0;
        foreach (var key in keys)
            if (!await print(key)) status = NotFound;
        return status;
    }

    /// <summary>As gethostbyname2: the IPv6 addresses of a name, or if it has none the IPv4 ones.</summary>
    private static async Task<bool> HostAsync(ToolContext tool, string key)
    {
        var resolver = await HostNames.ResolverAsync(tool.Process, tool.Killed);
        try
        {
            if (IpAddress.TryParse(key, out var literal))
            {
                await tool.Out.WriteTextAsync(Line(literal, await resolver.ReverseAsync(literal, tool.Killed)));
                return true;
            }
            var (name, all) = await resolver.LookUpAsync(key, tool.Killed);
            var v6 = all.Any(address => !address.IsV4);
            await tool.Out.WriteTextAsync(string.Concat(all.Where(address => address.IsV4 != v6).Select(address => Line(address, name))));
            return true;
        }
        catch (DnsFaultException)
        {
            return false;
        }
    }

    /// <summary>As getaddrinfo: each address once for each type of socket, the first with the canonical name.</summary>
    private static async Task<bool> AddressesAsync(ToolContext tool, string key, bool? v4)
    {
        ResolvedName found;
        try
        {
            found = await (await HostNames.ResolverAsync(tool.Process, tool.Killed)).LookUpAsync(key, tool.Killed);
        }
        catch (DnsFaultException)
        {
            return false;
        }
        var addresses = found.Addresses.Where(address => v4 is null || address.IsV4 == v4).Select(address => address.ToString()).ToList();
        // AI_V4MAPPED: IPv6 sockets reach IPv4 addresses, too.
        if (addresses.Count == 0 && v4 == false) addresses = [.. found.Addresses.Select(address => $"::ffff:{address}")];
        var text = new StringBuilder();
        var name = found.CanonicalName;
        foreach (var address in addresses)
        {
            foreach (var type in (string[])["STREAM", "DGRAM", "RAW"])
            {
                text.Append(CultureInfo.InvariantCulture, $"{address,-15} {type,-6} {name}\n");
                name = "";
            }
        }
        await tool.Out.WriteTextAsync(text.ToString());
        return addresses.Count > 0;
    }

    private static async Task<int> ListHostsAsync(ToolContext tool)
    {
        foreach (var line in await ReadAsync(tool, "/etc/hosts"))
        {
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && IpAddress.TryParse(words[0], out var address)) await tool.Out.WriteTextAsync(Line(address, string.Join(' ', words[1..])));
        }
        return 0;
    }

    /// <param name="keys">Names, or numbers in the third field; none: all lines.</param>
    private static async Task<int> LinesAsync(ToolContext tool, string path, List<string> keys)
    {
        var lines = await ReadAsync(tool, path);
        if (keys.Count == 0) return await PrintAsync(lines);
        var status = 0;
        foreach (var key in keys)
        {
            var found = lines.Where(line => line.Split(':') is [var name, _, var number, ..] && (name == key || number == key)).Take(1).ToArray();
            if (found.Length == 0) status = NotFound;
            await PrintAsync(found);
        }
        return status;

        async Task<int> PrintAsync(IEnumerable<string> printed)
        {
            foreach (var line in printed) await tool.Out.WriteTextAsync(line + "\n");
            return 0;
        }
    }

    private static async Task<string[]> ReadAsync(ToolContext tool, string path) =>
        tool.Files.Exists(path) ? (await tool.Files.ReadTextAsync(path, tool.Killed)).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    private static string Line(IpAddress address, string name) => $"{address,-15} {name}\n";
}
