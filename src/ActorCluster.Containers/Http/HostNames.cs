using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Http;

/// <summary>Names to addresses as a C library's getaddrinfo does it: a literal address, then /etc/hosts, then DNS by /etc/resolv.conf.</summary>
internal static class HostNames
{
    /// <returns>The addresses, IPv4 first; empty if the name is unknown.</returns>
    public static async Task<IReadOnlyList<IpAddress>> ResolveAsync(ProcessContext context, string name, CancellationToken cancellationToken)
    {
        if (IpAddress.TryParse(name.Trim('[', ']'), out var literal)) return [literal];
        var fromFile = await FromHostsFileAsync(context.Files, name, cancellationToken);
        if (fromFile.Count > 0) return fromFile;
        // RFC 6761, 6.3: localhost is the loopback address whatever DNS says.
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return [IpAddress.LoopbackV4];
        return [];
    }

    private static async Task<IReadOnlyList<IpAddress>> FromHostsFileAsync(IFileSystem files, string name, CancellationToken cancellationToken)
    {
        if (!files.Exists("/etc/hosts")) return [];
        using var reader = new StreamReader(files.Open("/etc/hosts", FileOpen.Read));
        var found = new List<IpAddress>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var words = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Skip(1).Contains(name, StringComparer.OrdinalIgnoreCase) && IpAddress.TryParse(words[0], out var address)) found.Add(address);
        }
        return [.. found.Distinct().OrderBy(address => !address.IsV4)];
    }
}
