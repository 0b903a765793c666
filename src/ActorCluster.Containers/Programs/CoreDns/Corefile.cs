using ActorCluster.Containers.Programs.CoreDns.Plugins;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>A Corefile that was understood: its server blocks, and what its plugins want of the whole process.</summary>
internal sealed class Corefile
{
    private const ushort DnsPort = 53;
    private const string Scheme = "dns://";

    public List<ServerBlock> Blocks { get; } = [];

    /// <summary>Port of /health; null without the plugin.</summary>
    public ushort? HealthPort { get; set; }

    /// <summary>Port of /ready; null without the plugin.</summary>
    public ushort? ReadyPort { get; set; }

    /// <summary>Ports of /metrics.</summary>
    public SortedSet<ushort> MetricsPorts { get; } = [];

    /// <summary>How long it goes on answering after SIGTERM.</summary>
    public TimeSpan LameDuck { get; set; }

    /// <summary>How often the file is looked at for changes; null without the plugin.</summary>
    public TimeSpan? ReloadInterval { get; set; }

    /// <summary>Must the pods be known (pods verified)?</summary>
    public bool WantsPods { get; set; }

    /// <param name="read">The text of another file that this one names.</param>
    /// <exception cref="CorefileException">What is wrong.</exception>
    public static Corefile Parse(string text, string path, Func<string, string> read)
    {
        var corefile = new Corefile();
        var known = new HashSet<ZoneAddress>();
        foreach (var parsed in CorefileParser.Parse(text, path))
        {
            if (parsed.Directives.FirstOrDefault(directive => !PluginCatalog.IsPlugin(directive.Name)) is { } unknown)
                throw new CorefileException($"{path}:{unknown.Line} - Error during parsing: Unknown directive '{unknown.Name}'");
            var block = new ServerBlock { Zones = [.. parsed.Keys.SelectMany(Addresses)] };
            foreach (var zone in block.Zones)
                if (!known.Add(zone)) throw new CorefileException($"cannot serve {Scheme}{zone} - it is already defined");
            foreach (var (name, setup) in PluginCatalog.InOrder)
            {
                CorefileDirective[] directives = [.. parsed.Directives.Where(directive => directive.Name == name)];
                if (directives.Length > 0) setup(new(corefile, block, directives, read));
            }
            corefile.Blocks.Add(block);
        }
        return corefile;
    }

    private static IEnumerable<ZoneAddress> Addresses(string key)
    {
        var rest = key.StartsWith(Scheme, StringComparison.Ordinal) ? key[Scheme.Length..] : key;
        if (rest.Contains("://", StringComparison.Ordinal)) throw new CorefileException($"{key}: of the protocols of servers only {Scheme} is emulated");
        var colon = rest.LastIndexOf(':');
        // The colons of an IPv6 block are before its slash.
        var hasPort = colon >= 0 && colon > rest.LastIndexOf('/') && (rest.Contains('/', StringComparison.Ordinal) || rest.IndexOf(':', StringComparison.Ordinal) == colon);
        var port = DnsPort;
        if (hasPort && (!ushort.TryParse(rest[(colon + 1)..], out port) || port == 0)) throw new CorefileException($"{key}: invalid port '{rest[(colon + 1)..]}'");
        return DnsZoneNames.Normalize(hasPort ? rest[..colon] : rest).Select(zone => new ZoneAddress(zone, port));
    }
}
