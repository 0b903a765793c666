namespace ActorCluster.Containers.Tools;

/// <summary>getopt (util-linux's enhanced one): puts a script's options in order.</summary>
internal static class GetOpt
{
    public static readonly Tool Tool = new(
        "getopt",
        "[OPTIONS] [--] OPTSTRING PARAMS\n\n\t-a\t\tAllow long options starting with single -\n\t-l LOPT[,...]\tLong options to recognize\n\t-n PROGNAME\tThe name under which errors are reported\n\t-o OPTSTRING\tShort options to recognize\n\t-q\t\tNo error messages on unrecognized options\n\t-Q\t\tNo normal output\n\t-s SHELL\tSet shell quoting conventions\n\t-T\t\tVersion test (exits with 4)\n\t-u\t\tDon't quote output",
        RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var own = Options.Parse(tool.Arguments, "+o:l:n:qQs:Tua", ("options", 'o'), ("longoptions", 'l'), ("long", 'l'), ("name", 'n'), ("quiet", 'q'), ("unquoted", 'u'), ("test", 'T'));
        if (own.Has('T')) return 4;
        var letters = own.Value('o');
        var words = own.Operands;
        if (letters is null)
        {
            if (words.Count == 0) throw new ToolException("missing optstring argument", 2);
            (letters, words) = (words[0], words[1..]);
            if (words is ["--", ..]) words = words[1..];
        }
        var quoted = own.Value('o') is not null && !own.Has('u');
        string Quote(string text) => quoted ? "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'" : text;

        var longs = own.Values('l').SelectMany(l => l.Split(',', ' ')).Where(l => l.Length > 0).ToList();
        var (given, operands, status) = (new List<string>(), new List<string>(), 0);
        var stops = letters.StartsWith('+');
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                operands.AddRange(words.Skip(i + 1));
                break;
            }
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var equals = word.IndexOf('=', StringComparison.Ordinal);
                var name = equals < 0 ? word[2..] : word[2..equals];
                var known = longs.Find(l => l.TrimEnd(':') == name) ?? Only(longs.FindAll(l => l.StartsWith(name, StringComparison.Ordinal)));
                if (known is null) await FailAsync($"unrecognized option '--{name}'");
                else if (!known.EndsWith(':')) given.Add("--" + known);
                else if (equals >= 0 || known.EndsWith("::", StringComparison.Ordinal)) given.Add($"--{known.TrimEnd(':')} {Quote(equals >= 0 ? word[(equals + 1)..] : "")}");
                else if (i + 1 < words.Count) given.Add($"--{known.TrimEnd(':')} {Quote(words[++i])}");
                else await FailAsync($"option '--{name}' requires an argument");
            }
            else if (word.Length > 1 && word[0] == '-')
            {
                for (var at = 1; at < word.Length; at++)
                {
                    var index = word[at] is ':' or '+' ? -1 : letters.IndexOf(word[at], StringComparison.Ordinal);
                    if (index < 0)
                    {
                        await FailAsync($"invalid option -- '{word[at]}'");
                        continue;
                    }
                    var takes = index + 1 < letters.Length && letters[index + 1] == ':';
                    if (!takes)
                    {
                        given.Add("-" + word[at]);
                        continue;
                    }
                    var optional = index + 2 < letters.Length && letters[index + 2] == ':';
                    if (at + 1 < word.Length || optional) given.Add($"-{word[at]} {Quote(word[(at + 1)..])}");
                    else if (i + 1 < words.Count) given.Add($"-{word[at]} {Quote(words[++i])}");
                    else await FailAsync($"option requires an argument -- '{word[at]}'");
                    break;
                }
            }
            else if (stops)
            {
                operands.AddRange(words.Skip(i));
                break;
            }
            else
            {
                operands.Add(word);
            }
        }
        if (!own.Has('Q')) await tool.Out.WriteTextAsync(string.Concat(given.Append("--").Concat(operands.Select(Quote)).Select(w => " " + w)) + "\n");
        return status;

        async ValueTask FailAsync(string message)
        {
            status = 1;
            if (!own.Has('q')) await tool.WriteErrorAsync($"{own.Value('n') ?? "getopt"}: {message}\n");
        }
    }

    private static string? Only(List<string> candidates) => candidates is [var only] ? only : null;
}
