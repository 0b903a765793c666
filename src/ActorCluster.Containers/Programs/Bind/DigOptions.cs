using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.Bind;

/// <summary>dig's command line: words in any order, and "+option" switches, which count for all queries after them.</summary>
internal sealed record DigOptions
{
    public string Name { get; init; } = "";
    public DnsType Type { get; init; } = DnsType.A;
    public string? Server { get; init; }
    public ushort Port { get; init; } = 53;
    public bool Short { get; init; }
    public bool Search { get; init; }
    public bool Tcp { get; init; }
    public bool Recurse { get; init; } = true;
    public TimeSpan? Timeout { get; init; }
    public int? Tries { get; init; }
    public bool ShowsCommand { get; init; } = true;
    public bool ShowsComments { get; init; } = true;
    public bool ShowsQuestion { get; init; } = true;
    public bool ShowsAnswer { get; init; } = true;
    public bool ShowsAuthority { get; init; } = true;
    public bool ShowsAdditional { get; init; } = true;
    public bool ShowsStatistics { get; init; } = true;

    /// <summary>What is wrong; null if nothing is.</summary>
    public string? Fault { get; init; }

    public static DigOptions Parse(IReadOnlyList<string> words)
    {
        var options = new DigOptions();
        for (var i = 0; i < words.Count && options.Fault is null; i++)
        {
            var word = words[i];
            var next = i + 1 < words.Count ? words[i + 1] : "";
            switch (word)
            {
                case "-4" or "-6" or "-r" or "-u" or "-m": break;
                case "-t":
                    options = DnsText.TryParseType(next, out var type) ? options with { Type = type } : options with { Fault = $";; Warning, ignoring invalid type {next}" };
                    i++;
                    break;
                case "-q":
                    (options, i) = (options with { Name = next }, i + 1);
                    break;
                case "-p":
                    options = ushort.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? options with { Port = port } : options with { Fault = $"Couldn't parse port number '{next}': not a valid number" };
                    i++;
                    break;
                case "-x":
                    options = IpAddress.TryParse(next, out var address) ? options with { Name = StubResolver.ReverseName(address), Type = DnsType.Ptr } : options with { Fault = $"Invalid IP address {next}" };
                    i++;
                    break;
                case ['@', .. var server]: options = options with { Server = server }; break;
                case ['+', .. var flag]: options = options.With(flag); break;
                case ['-', _, ..]: options = options with { Fault = $"Invalid option: {word}" }; break;
                default:
                    if (word.Equals("IN", StringComparison.OrdinalIgnoreCase)) break;
                    options = DnsText.TryParseType(word, out var bare) && i > 0 ? options with { Type = bare } : options with { Name = word };
                    break;
            }
        }
        return options;
    }

    private DigOptions With(string flag)
    {
        var equals = flag.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (flag, "") : (flag[..equals], flag[(equals + 1)..]);
        var on = !name.StartsWith("no", StringComparison.Ordinal);
        if (!on) name = name[2..];
        return name switch
        {
            "short" => this with { Short = on },
            "search" => this with { Search = on },
            "tcp" or "vc" => this with { Tcp = on },
            "recurse" or "rec" => this with { Recurse = on },
            "cmd" => this with { ShowsCommand = on },
            "comments" => this with { ShowsComments = on },
            "question" => this with { ShowsQuestion = on },
            "answer" => this with { ShowsAnswer = on },
            "authority" => this with { ShowsAuthority = on },
            "additional" => this with { ShowsAdditional = on },
            "stats" => this with { ShowsStatistics = on },
            "all" => this with { ShowsCommand = on, ShowsComments = on, ShowsQuestion = on, ShowsAnswer = on, ShowsAuthority = on, ShowsAdditional = on, ShowsStatistics = on },
            "time" or "timeout" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? this with { Timeout = TimeSpan.FromSeconds(Math.Max(seconds, 1)) } : Invalid(flag),
            "tries" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var tries) ? this with { Tries = Math.Max(tries, 1) } : Invalid(flag),
            "retry" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var more) ? this with { Tries = more + 1 } : Invalid(flag),
            // What changes nothing that the emulated servers would answer differently.
            "edns" or "dnssec" or "cookie" or "adflag" or "ad" or "cdflag" or "cd" or "multiline" or "defname" or "ignore" or "bufsize" or "ndots" or "ttlid" or "idnout" or "idnin" => this,
            _ => Invalid(flag),
        };
    }

    private DigOptions Invalid(string flag) => this with { Fault = $"Invalid option: +{flag}" };
}
