namespace ActorCluster.Containers.Tools;

/// <summary>A command line taken apart as getopt_long does it: clusters, arguments, "--", operands in between.</summary>
internal sealed class Options
{
    private readonly List<(char Letter, string? Value)> _given = [];

    private Options()
    {
    }

    public List<string> Operands { get; } = [];

    /// <summary>In the order given, with arguments.</summary>
    public IReadOnlyList<(char Letter, string? Value)> Given => _given;

    public bool Has(char letter) => _given.Exists(o => o.Letter == letter);

    /// <summary>The last argument given.</summary>
    public string? Value(char letter) => _given.FindLast(o => o.Letter == letter).Value;

    public IEnumerable<string> Values(char letter) => _given.Where(o => o.Letter == letter).Select(o => o.Value!);

    /// <summary>Which of several letters came last; '\0' if none.</summary>
    public char Last(string letters) => _given.FindLast(o => letters.Contains(o.Letter, StringComparison.Ordinal)).Letter;

    /// <param name="letters">"ab:c" as for getopt; "::" an argument that can only be attached; a leading '+' stops at the first operand.</param>
    /// <exception cref="UsageException">An option that there isn't, or one without its argument.</exception>
    public static Options Parse(IReadOnlyList<string> arguments, string letters, params (string Name, char Letter)[] longs)
    {
        var options = new Options();
        var stops = letters.StartsWith('+');
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (word == "--")
            {
                options.Operands.AddRange(arguments.Skip(i + 1));
                break;
            }
            if (word.StartsWith("--", StringComparison.Ordinal)) options.AddLong(arguments, ref i, letters, longs);
            else if (word.Length > 1 && word[0] == '-') options.AddCluster(arguments, ref i, letters);
            else
            {
                options.Operands.Add(word);
                if (!stops) continue;
                options.Operands.AddRange(arguments.Skip(i + 1));
                break;
            }
        }
        return options;
    }

    private void AddCluster(IReadOnlyList<string> arguments, ref int i, string letters)
    {
        var word = arguments[i];
        for (var at = 1; at < word.Length; at++)
        {
            var letter = word[at];
            var known = letter is ':' or '+' ? -1 : letters.IndexOf(letter, StringComparison.Ordinal);
            if (known < 0) throw new UsageException($"invalid option -- '{letter}'");
            if (known + 1 >= letters.Length || letters[known + 1] != ':')
            {
                _given.Add((letter, null));
                continue;
            }
            var attachedOnly = known + 2 < letters.Length && letters[known + 2] == ':';
            if (at + 1 < word.Length) _given.Add((letter, word[(at + 1)..]));
            else if (attachedOnly) _given.Add((letter, null));
            else if (i + 1 < arguments.Count) _given.Add((letter, arguments[++i]));
            else throw new UsageException($"option requires an argument -- '{letter}'");
            return;
        }
    }

    private void AddLong(IReadOnlyList<string> arguments, ref int i, string letters, (string Name, char Letter)[] longs)
    {
        var word = arguments[i][2..];
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        var match = Array.Find(longs, l => l.Name == name);
        if (match.Name is null) throw new UsageException($"unrecognized option '--{name}'");
        var at = letters.IndexOf(match.Letter, StringComparison.Ordinal);
        var takes = at >= 0 && at + 1 < letters.Length && letters[at + 1] == ':';
        var optional = takes && at + 2 < letters.Length && letters[at + 2] == ':';
        if (!takes && equals >= 0) throw new UsageException($"option '--{name}' doesn't allow an argument");
        if (!takes || (optional && equals < 0)) _given.Add((match.Letter, null));
        else if (equals >= 0) _given.Add((match.Letter, word[(equals + 1)..]));
        else if (i + 1 < arguments.Count) _given.Add((match.Letter, arguments[++i]));
        else throw new UsageException($"option '--{name}' requires an argument");
    }
}
