using System.Globalization;

namespace ActorCluster.Containers.Programs.AgnHost;

internal enum GoFlagKind
{
    Text,
    Boolean,
    Integer,
    Duration,
}

/// <param name="Short">Its letter; '\0' if it has none.</param>
internal sealed record GoFlag(string Name, GoFlagKind Kind, string Default, char Short = '\0');

/// <summary>Flags as github.com/spf13/pflag reads them: "--name=value", "--name value", "--bool"; arguments may stand in between.</summary>
internal sealed class GoFlags
{
    private readonly Dictionary<string, string> _values = [];

    private GoFlags()
    {
    }

    public List<string> Arguments { get; } = [];
    public bool Help { get; private set; }

    /// <summary>What is wrong with the command line; null if nothing is.</summary>
    public string? Fault { get; private set; }

    public string Text(string name) => _values[name];
    public bool IsOn(string name) => _values[name] is "true" or "1" or "t" or "T" or "TRUE" or "True";
    public int Number(string name) => int.Parse(_values[name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    public TimeSpan Duration(string name) => GoDuration.TryParse(_values[name], out var duration) ? duration : default;

    public static GoFlags Parse(IReadOnlyList<GoFlag> known, IReadOnlyList<string> words)
    {
        var flags = new GoFlags();
        foreach (var flag in known) flags._values[flag.Name] = flag.Default;
        for (var i = 0; i < words.Count && flags.Fault is null; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                flags.Arguments.AddRange(words.Skip(i + 1));
                break;
            }
            if (word.Length < 2 || word[0] != '-') flags.Arguments.Add(word);
            else if (word is "--help" or "-h") flags.Help = true;
            else flags.Read(known, words, ref i);
        }
        return flags;
    }

    private void Read(IReadOnlyList<GoFlag> known, IReadOnlyList<string> words, ref int i)
    {
        var word = words[i];
        var isLong = word.StartsWith("--", StringComparison.Ordinal);
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = isLong ? (equals < 0 ? word[2..] : word[2..equals]) : word[1].ToString();
        var attached = equals >= 0 ? word[(equals + 1)..] : !isLong && word.Length > 2 ? word[2..] : null;
        // Those of the logging library, which every command takes.
        if (isLong && name is "v" or "vmodule" or "logtostderr" or "alsologtostderr") return;
        var flag = known.FirstOrDefault(candidate => isLong ? candidate.Name == name : candidate.Short.ToString() == name);
        if (flag is null)
        {
            Fault = isLong ? $"unknown flag: --{name}" : $"unknown shorthand flag: '{name}' in {word}";
            return;
        }
        if (attached is null && flag.Kind == GoFlagKind.Boolean) attached = "true";
        if (attached is null && i + 1 >= words.Count)
        {
            Fault = $"flag needs an argument: {(isLong ? "--" + name : $"'{name}' in {word}")}";
            return;
        }
        var value = attached ?? words[++i];
        _values[flag.Name] = value;
        var isGood = flag.Kind switch
        {
            GoFlagKind.Boolean => value is "true" or "false" or "1" or "0" or "t" or "f" or "T" or "F" or "TRUE" or "FALSE" or "True" or "False",
            GoFlagKind.Integer => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            GoFlagKind.Duration => GoDuration.TryParse(value, out _),
            _ => true,
        };
        if (!isGood) Fault = $"invalid argument \"{value}\" for \"--{flag.Name}\" flag: {Complaint(flag.Kind, value)}";
    }

    private static string Complaint(GoFlagKind kind, string value) => kind switch
    {
        GoFlagKind.Boolean => $"strconv.ParseBool: parsing \"{value}\": invalid syntax",
        GoFlagKind.Integer => $"strconv.ParseInt: parsing \"{value}\": invalid syntax",
        _ => $"time: invalid duration \"{value}\"",
    };
}
