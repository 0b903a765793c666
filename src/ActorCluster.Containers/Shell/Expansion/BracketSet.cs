namespace ActorCluster.Containers.Shell.Expansion;

/// <summary>[abc], [a-z], [!x], [[:digit:]].</summary>
internal sealed class BracketSet
{
    private readonly List<(char First, char Last)> _ranges = [];
    private readonly List<Func<char, bool>> _classes = [];
    private bool _negated;

    public bool Contains(char c) => (_ranges.Exists(r => c >= r.First && c <= r.Last) || _classes.Exists(has => has(c))) != _negated;

    /// <param name="i">At the '['; left at the ']'. Unchanged when null is returned: an unclosed bracket is a plain one.</param>
    public static BracketSet? Parse(string pattern, ref int i)
    {
        var set = new BracketSet();
        var at = i + 1;
        if (at < pattern.Length && pattern[at] is '!' or '^')
        {
            set._negated = true;
            at++;
        }
        var first = true;
        while (at < pattern.Length && (pattern[at] != ']' || first))
        {
            first = false;
            if (pattern[at] == '[' && at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) is > 0 and var end
                && Class(pattern[(at + 2)..end]) is { } has)
            {
                set._classes.Add(has);
                at = end + 2;
                continue;
            }
            var low = Character(pattern, ref at);
            if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
            {
                at++;
                set._ranges.Add((low, Character(pattern, ref at)));
            }
            else
            {
                set._ranges.Add((low, low));
            }
        }
        if (at >= pattern.Length) return null;
        i = at;
        return set;
    }

    /// <summary>A POSIX character class by name; null if there is none such.</summary>
    public static Func<char, bool>? Class(string name) => name switch
    {
        "alpha" => char.IsAsciiLetter,
        "digit" => char.IsAsciiDigit,
        "alnum" => char.IsAsciiLetterOrDigit,
        "upper" => char.IsAsciiLetterUpper,
        "lower" => char.IsAsciiLetterLower,
        "space" => c => c is ' ' or (>= '\t' and <= '\r'),
        "blank" => c => c is ' ' or '\t',
        "punct" => c => c is > ' ' and < '\u007f' && !char.IsAsciiLetterOrDigit(c),
        "print" => c => c is >= ' ' and < '\u007f',
        "graph" => c => c is > ' ' and < '\u007f',
        "cntrl" => c => c is < ' ' or '\u007f',
        "xdigit" => char.IsAsciiHexDigit,
        _ => null,
    };

    private static char Character(string pattern, ref int at)
    {
        if (pattern[at] == '\\' && at + 1 < pattern.Length) at++;
        return pattern[at++];
    }
}
