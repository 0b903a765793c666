using System.Globalization;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>nc's command line, as busybox has it with its netcat 1.10 compatibility.</summary>
internal sealed record NetCatOptions
{
    public bool Listens { get; init; }
    public bool Persists { get; init; }
    public bool Udp { get; init; }
    public bool OnlyScans { get; init; }
    public int Verbosity { get; init; }
    public ushort LocalPort { get; init; }
    public string? LocalAddress { get; init; }

    /// <summary>For connecting, and for silence afterwards.</summary>
    public TimeSpan? Wait { get; init; }

    public TimeSpan? Interval { get; init; }
    public string? Host { get; init; }
    public string? Port { get; init; }

    /// <summary>-4 or -6: only this family; null for any.</summary>
    public bool? V4 { get; init; }

    /// <summary>Speaks as OpenBSD's does.</summary>
    public bool OpenBsd { get; init; }

    /// <summary>The end of standard input is told to the other side. OpenBSD's does so with -N only.</summary>
    public bool EndsWriting { get; init; } = true;

    /// <summary>-e: what to run with the connection as its input and output; empty for none.</summary>
    public IReadOnlyList<string> Program { get; init; } = [];

    public static NetCatOptions Parse(IReadOnlyList<string> arguments)
    {
        var words = arguments.ToList();
        List<string> program = [];
        // "-e PROG ARGS" must be last; "-lke" is the same with other letters before it.
        var execute = words.FindIndex(word => word.Length > 1 && word[0] == '-' && word[^1] == 'e' && word[1..^1].All(letter => "nuvlkz".Contains(letter, StringComparison.Ordinal)));
        if (execute >= 0)
        {
            program = words[(execute + 1)..];
            if (program.Count == 0) throw new UsageException("option requires an argument -- 'e'");
            var others = words[execute][..^1];
            words = [.. words[..execute], .. others.Length > 1 ? [others] : Array.Empty<string>()];
        }
        var options = Options.Parse(words, "np:s:ubvw:lki:z");
        if (options.Operands.Count > 2) throw new UsageException();
        return new NetCatOptions
        {
            Listens = options.Has('l') || options.Has('k'),
            Persists = options.Has('k') || options.Given.Count(given => given.Letter == 'l') > 1,
            Udp = options.Has('u'),
            OnlyScans = options.Has('z'),
            Verbosity = options.Given.Count(given => given.Letter == 'v'),
            LocalPort = options.Value('p') is { } port ? Hosts.Port(port) : (ushort)0,
            LocalAddress = options.Value('s'),
            Wait = Seconds(options.Value('w')),
            Interval = Seconds(options.Value('i')),
            Host = options.Operands.ElementAtOrDefault(0),
            Port = options.Operands.ElementAtOrDefault(1),
            Program = program,
        };
    }

    /// <summary>OpenBSD's nc, as Alpine's netcat-openbsd has it: no -e, and a listener's port is an operand.</summary>
    public static NetCatOptions ParseOpenBsd(IReadOnlyList<string> arguments)
    {
        var options = Options.Parse(arguments, "46bCDdFhklNnrStUuvZzI:i:M:m:O:P:p:q:s:T:V:W:w:X:x:");
        if (options.Operands.Count is 0 or > 2) throw new UsageException();
        var listens = options.Has('l');
        var alone = listens && options.Operands.Count == 1;
        return new NetCatOptions
        {
            Listens = listens,
            Persists = options.Has('k'),
            Udp = options.Has('u'),
            OnlyScans = options.Has('z'),
            Verbosity = options.Has('v') ? 1 : 0,
            LocalPort = listens ? Hosts.Port(options.Operands[^1]) : options.Value('p') is { } port ? Hosts.Port(port) : (ushort)0,
            LocalAddress = listens && !alone ? options.Operands[0] : options.Value('s'),
            Wait = Seconds(options.Value('w')),
            Interval = Seconds(options.Value('i')),
            Host = listens ? null : options.Operands[0],
            Port = listens ? null : options.Operands.ElementAtOrDefault(1),
            V4 = options.Has('4') ? true : options.Has('6') ? false : null,
            OpenBsd = true,
            EndsWriting = options.Has('N'),
        };
    }

    private static TimeSpan? Seconds(string? text)
    {
        if (text is null) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) throw new ToolException($"invalid number '{text}'");
        return seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
    }
}
