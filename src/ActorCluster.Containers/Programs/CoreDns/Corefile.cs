using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>
/// A Corefile (https://coredns.io/manual/configuration/) of one server block, as far as a cluster's DNS needs it. Plugins that work:
/// kubernetes (zones, pods, fallthrough, ttl), hosts (inline), loadbalance, health with lameduck, ready, prometheus, reload; those that change nothing here are accepted.
/// </summary>
internal sealed record Corefile
{
    /// <summary>Plugins of CoreDNS that have nothing to do here: nothing fails to be logged or cached, and no name is forwarded.</summary>
    private static readonly string[] WithoutEffect =
        ["errors", "log", "cache", "loop", "forward", "bufsize", "minimal", "nsid", "any", "debug", "cancel", "autopath", "trace"];

    /// <summary>The server block's key as CoreDNS prints it: ".:53".</summary>
    public string Server { get; init; } = ".:53";

    /// <summary>Without the plugin kubernetes no zone is the cluster's.</summary>
    public ClusterDnsOptions Dns { get; init; } = new() { Zones = [], FallThrough = [], PodRecords = false };

    /// <summary>Port of /health; null without the plugin.</summary>
    public ushort? HealthPort { get; init; }

    /// <summary>Port of /ready; null without the plugin.</summary>
    public ushort? ReadyPort { get; init; }

    /// <summary>Port of /metrics; null without the plugin.</summary>
    public ushort? MetricsPort { get; init; }

    /// <summary>How long it goes on answering after SIGTERM.</summary>
    public TimeSpan LameDuck { get; init; }

    /// <summary>How often the file is looked at for changes; null without the plugin.</summary>
    public TimeSpan? ReloadInterval { get; init; }

    /// <exception cref="CorefileException">Where and what is wrong, as CoreDNS words it.</exception>
    public static Corefile Parse(string text, string name)
    {
        var lines = new Queue<CorefileLine>(CorefileLine.Split(text));
        if (!lines.TryDequeue(out var head) || head.Words is not [var key, "{"])
            throw new CorefileException($"{name}:{head?.Number ?? 1} - Syntax error: Unexpected token, expecting one server block '.:53 {{'");
        var port = (ushort)53;
        var colon = key.LastIndexOf(':');
        if (colon >= 0) port = Port(key[(colon + 1)..], name, head.Number);
        var corefile = new Corefile { Server = colon >= 0 ? key : key + ":53", };
        corefile = corefile with { Dns = corefile.Dns with { Port = port } };
        while (lines.TryDequeue(out var line))
        {
            if (line.Words is ["}"])
            {
                if (lines.TryPeek(out var second)) throw new CorefileException($"{name}:{second.Number} - Error during parsing: only one server block is emulated");
                return corefile;
            }
            var (directive, options) = (line, new List<CorefileLine>());
            if (line.Words[^1] == "{")
            {
                directive = line with { Words = line.Words[..^1] };
                while (true)
                {
                    if (!lines.TryDequeue(out var option)) throw new CorefileException($"{name}:{line.Number} - Syntax error: Unexpected EOF");
                    if (option.Words is ["}"]) break;
                    options.Add(option);
                }
            }
            corefile = corefile.With(directive, options, name);
        }
        throw new CorefileException($"{name}:{head.Number} - Syntax error: Unexpected EOF");
    }

    private Corefile With(CorefileLine directive, List<CorefileLine> options, string file)
    {
        var number = directive.Number;
        switch (directive.Words[0])
        {
            case "kubernetes":
                return this with { Dns = Kubernetes(directive, options, file) };
            case "loadbalance":
                return this with { Dns = Dns with { Shuffles = true } };
            case "prometheus":
                return this with { MetricsPort = PortOf(directive, 9153, file) };
            case "hosts":
                return this with { Dns = Dns with { OutsideNames = Hosts(options) } };
            case "health":
                var lameDuck = options.LastOrDefault(option => option.Words[0] == "lameduck")?.Words;
                return this with { HealthPort = PortOf(directive, 8080, file), LameDuck = lameDuck is null ? default : Duration(lameDuck.ElementAtOrDefault(1), file, number) };
            case "ready":
                return this with { ReadyPort = PortOf(directive, 8181, file) };
            case "reload":
                return this with { ReloadInterval = directive.Words.Length > 1 ? Duration(directive.Words[1], file, number) : TimeSpan.FromSeconds(30) };
            default:
                return WithoutEffect.Contains(directive.Words[0])
                    ? this : throw new CorefileException($"{file}:{number} - Error during parsing: Unknown directive '{directive.Words[0]}'");
        }
    }

    private ClusterDnsOptions Kubernetes(CorefileLine directive, List<CorefileLine> options, string file)
    {
        var ttl = WordsOf("ttl");
        var zones = directive.Words.Length > 1 ? Zones(directive.Words[1..]) : [Dns.ClusterDomain];
        return Dns with
        {
            Zones = zones,
            ClusterDomain = zones.FirstOrDefault(zone => !zone.EndsWith(".arpa", StringComparison.Ordinal)) ?? Dns.ClusterDomain,
            FallThrough = WordsOf("fallthrough") switch { null => [], [_] => [""], var words => Zones(words[1..]) },
            PodRecords = WordsOf("pods") switch
            {
                null or [_, "disabled"] => false,
                [_, "insecure"] => true,
                [_, "verified"] => throw new CorefileException($"{file}:{directive.Number} - Error during parsing: pods verified is not emulated"),
                var words => throw new CorefileException($"{file}:{directive.Number} - Error during parsing: wrong value for pods: {string.Join(' ', words.Skip(1))},  must be one of: disabled, verified, insecure"),
            },
            TimeToLive = ttl is null ? 5 : ttl is [_, var seconds] && uint.TryParse(seconds, out var value) && value <= 3600
                ? value : throw new CorefileException($"{file}:{directive.Number} - Error during parsing: ttl must be in range [0, 3600]: {string.Join(' ', ttl.Skip(1))}"),
        };

        string[]? WordsOf(string option) => options.LastOrDefault(line => line.Words[0] == option)?.Words;

        static ImmutableArray<string> Zones(IEnumerable<string> words) => [.. words.Select(word => word.TrimEnd('.').ToLowerInvariant())];
    }

    private static ImmutableDictionary<string, ImmutableArray<IpAddress>> Hosts(List<CorefileLine> lines) => lines
        .Where(line => IpAddress.TryParse(line.Words[0], out _))
        .SelectMany(line => line.Words[1..].Select(name => (Name: name.TrimEnd('.').ToLowerInvariant(), Address: IpAddress.Parse(line.Words[0]))))
        .GroupBy(pair => pair.Name, pair => pair.Address)
        .ToImmutableDictionary(names => names.Key, names => names.Distinct().ToImmutableArray());

    private static ushort PortOf(CorefileLine directive, ushort usual, string file) =>
        directive.Words is [_, var address, ..] ? Port(address[(address.LastIndexOf(':') + 1)..], file, directive.Number) : usual;

    private static ushort Port(string text, string file, int line) =>
        ushort.TryParse(text, out var port) ? port : throw new CorefileException($"{file}:{line} - Error during parsing: invalid port '{text}'");

    /// <summary>Go's time.ParseDuration for one number and unit, as in "5s".</summary>
    private static TimeSpan Duration(string? text, string file, int line)
    {
        var digits = text?.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count() ?? 0;
        if (double.TryParse(text?[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            switch (text![digits..])
            {
                case "ms": return TimeSpan.FromMilliseconds(number);
                case "s": return TimeSpan.FromSeconds(number);
                case "m": return TimeSpan.FromMinutes(number);
                case "h": return TimeSpan.FromHours(number);
            }
        }
        throw new CorefileException($"{file}:{line} - Error during parsing: time: invalid duration \"{text}\"");
    }
}

/// <param name="Number">Counted from 1.</param>
internal sealed record CorefileLine(int Number, string[] Words)
{
    /// <summary>The lines that say something; '#' starts a comment.</summary>
    public static IEnumerable<CorefileLine> Split(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).TakeWhile(word => !word.StartsWith('#')).Select(word => word.Trim('"')).ToArray();
            if (words.Length > 0) yield return new CorefileLine(number, words);
        }
    }
}

internal sealed class CorefileException(string message) : FormatException(message);
