using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>/etc/resolv.conf (resolv.conf(5)), with Kubernetes's limits: 3 name servers, 32 search domains.</summary>
public sealed record ResolverConfiguration
{
    public ImmutableArray<IpAddress> NameServers { get; init; } = [];
    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>A name with fewer dots tries the search list first.</summary>
    public int NDots { get; init; } = 1;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
    public int Attempts { get; init; } = 2;

    /// <summary>Unknown keywords and options are passed over, as libc does; the last "search" line counts.</summary>
    public static ResolverConfiguration Parse(string text)
    {
        var configuration = new ResolverConfiguration();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(['#', ';'])[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            configuration = words[0] switch
            {
                "nameserver" when configuration.NameServers.Length < 3 && IpAddress.TryParse(words[1], out var server) =>
                    configuration with { NameServers = configuration.NameServers.Add(server) },
                "search" or "domain" => configuration with { Search = [.. words[1..].Take(32).Select(domain => domain.TrimEnd('.'))] },
                "options" => words[1..].Aggregate(configuration, WithOption),
                _ => configuration,
            };
        }
        return configuration;
    }

    private static ResolverConfiguration WithOption(ResolverConfiguration configuration, string option)
    {
        var parts = option.Split(':', 2);
        if (parts.Length < 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return configuration;
        return parts[0] switch
        {
            "ndots" => configuration with { NDots = Math.Min(number, 15) },
            "timeout" => configuration with { Timeout = TimeSpan.FromSeconds(Math.Clamp(number, 1, 30)) },
            "attempts" => configuration with { Attempts = Math.Clamp(number, 1, 5) },
            _ => configuration,
        };
    }
}
