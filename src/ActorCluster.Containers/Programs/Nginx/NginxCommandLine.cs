namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>nginx's options (nginx.org/en/docs/switches.html).</summary>
internal sealed record NginxCommandLine
{
    public string Prefix { get; init; } = "/etc/nginx";
    public string ConfigurationFile { get; init; } = "/etc/nginx/nginx.conf";
    public string GlobalDirectives { get; init; } = "";
    public bool Help { get; init; }
    public bool Version { get; init; }
    public bool Test { get; init; }
    public bool Dump { get; init; }
    public bool Quiet { get; init; }

    /// <summary>stop, quit, reopen or reload.</summary>
    public string? Signal { get; init; }

    /// <returns>The options, or what is wrong with them.</returns>
    public static (NginxCommandLine Options, string? Fault) Parse(IReadOnlyList<string> arguments)
    {
        var options = new NginxCommandLine();
        for (var i = 1; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith('-') || argument.Length < 2) return (options, $"invalid option: \"{argument}\"");
            for (var at = 1; at < argument.Length; at++)
            {
                var letter = argument[at];
                if (letter is 'g' or 'c' or 's' or 'p' or 'e')
                {
                    var value = at + 1 < argument.Length ? argument[(at + 1)..] : i + 1 < arguments.Count ? arguments[++i] : null;
                    if (value is null)
                    {
                        return (options, letter switch
                        {
                            'g' => "option \"-g\" requires parameter",
                            'p' => "option \"-p\" requires directory name",
                            'c' or 'e' => $"option \"-{letter}\" requires file name",
                            _ => "option \"-s\" requires parameter",
                        });
                    }
                    if (letter == 's' && value is not ("stop" or "quit" or "reopen" or "reload")) return (options, $"invalid option: \"-s {value}\"");
                    options = letter switch
                    {
                        'g' => options with { GlobalDirectives = value },
                        'c' => options with { ConfigurationFile = value.StartsWith('/') ? value : $"{options.Prefix}/{value}" },
                        's' => options with { Signal = value },
                        'p' => options with { Prefix = value.TrimEnd('/') },
                        _ => options,
                    };
                    break;
                }
                switch (letter)
                {
                    case '?' or 'h': options = options with { Help = true }; break;
                    case 'v' or 'V': options = options with { Version = true }; break;
                    case 't': options = options with { Test = true }; break;
                    case 'T': options = options with { Test = true, Dump = true }; break;
                    case 'q': options = options with { Quiet = true }; break;
                    default: return (options, $"invalid option: \"{letter}\"");
                }
            }
        }
        return (options, null);
    }
}
