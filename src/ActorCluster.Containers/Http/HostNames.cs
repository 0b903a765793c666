using ActorCluster.Containers.Programs;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Http;

/// <summary>Names to addresses as a C library's getaddrinfo does it: a literal address, then /etc/hosts, then DNS by /etc/resolv.conf.</summary>
internal static class HostNames
{
    /// <returns>The addresses in the order in which they are to be tried; empty if the name can't be resolved.</returns>
    public static async Task<IReadOnlyList<IpAddress>> ResolveAsync(ProcessContext context, string name, CancellationToken cancellationToken)
    {
        if (IpAddress.TryParse(name.Trim('[', ']'), out var literal)) return [literal];
        try
        {
            return await (await ResolverAsync(context, cancellationToken)).ResolveAsync(name, cancellationToken);
        }
        catch (DnsFaultException)
        {
            // RFC 6761, 6.3: localhost is the loopback address even without an entry anywhere.
            return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IpAddress.LoopbackV4] : [];
        }
    }

    /// <summary>A resolver by the container's /etc/resolv.conf and /etc/hosts as they are now.</summary>
    public static async Task<StubResolver> ResolverAsync(ProcessContext context, CancellationToken cancellationToken)
    {
        async Task<string> ReadAsync(string path) => context.Files.Exists(path) ? await context.Files.ReadTextAsync(path, cancellationToken) : "";
        return new StubResolver(context.Network, await ReadAsync("/etc/resolv.conf"), await ReadAsync("/etc/hosts"), context.Simulation);
    }
}
