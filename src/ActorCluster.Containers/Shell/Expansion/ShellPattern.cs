using System.Buffers;
using System.Text;

namespace ActorCluster.Containers.Shell.Expansion;

/// <summary>Pattern matching notation (XCU 2.13): *, ?, [...], and a backslash that makes the next character plain.</summary>
internal sealed class ShellPattern
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\\*?[]-!^");

    private readonly List<Element> _elements = [];

    public ShellPattern(string pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when i + 1 < pattern.Length: _elements.Add(new(ElementKind.Character, pattern[++i], null)); break;
                case '*':
                    if (_elements.Count == 0 || _elements[^1].Kind != ElementKind.Any) _elements.Add(new(ElementKind.Any, '*', null));
                    break;
                case '?': _elements.Add(new(ElementKind.One, '?', null)); break;
                case '[' when BracketSet.Parse(pattern, ref i) is { } set: _elements.Add(new(ElementKind.Set, '[', set)); break;
                default: _elements.Add(new(ElementKind.Character, pattern[i], null)); break;
            }
        }
        IsLiteral = _elements.TrueForAll(e => e.Kind == ElementKind.Character);
    }

    /// <summary>Nothing in it is special.</summary>
    public bool IsLiteral { get; }

    public string LiteralText => string.Concat(_elements.Select(e => e.Character));

    /// <summary>Whether a name may start with '.': only if the pattern names it.</summary>
    public bool NamesLeadingDot => _elements is [{ Kind: ElementKind.Character, Character: '.' }, ..];

    /// <summary>Makes every character of a text plain.</summary>
    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny(Special) < 0) return text;
        var escaped = new StringBuilder(text.Length + 4);
        foreach (var c in text)
        {
            if (c is '\\' or '*' or '?' or '[' or ']' or '-' or '!' or '^') escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }

    public bool Matches(ReadOnlySpan<char> text)
    {
        // The last star is the only one that ever needs to be reconsidered.
        int element = 0, position = 0, starElement = -1, starPosition = 0;
        while (position < text.Length)
        {
            if (element < _elements.Count && _elements[element].Kind == ElementKind.Any)
            {
                (starElement, starPosition) = (element++, position);
            }
            else if (element < _elements.Count && _elements[element].Matches(text[position]))
            {
                element++;
                position++;
            }
            else if (starElement >= 0)
            {
                element = starElement + 1;
                position = ++starPosition;
            }
            else
            {
                return false;
            }
        }
        while (element < _elements.Count && _elements[element].Kind == ElementKind.Any) element++;
        return element == _elements.Count;
    }

    /// <summary>The length of the shortest or longest prefix that matches, or -1.</summary>
    public int MatchPrefix(string text, bool longest)
    {
        for (var i = 0; i <= text.Length; i++)
        {
            var length = longest ? text.Length - i : i;
            if (Matches(text.AsSpan(0, length))) return length;
        }
        return -1;
    }

    /// <summary>Where the shortest or longest suffix that matches starts, or -1.</summary>
    public int MatchSuffix(string text, bool longest)
    {
        for (var i = 0; i <= text.Length; i++)
        {
            var start = longest ? i : text.Length - i;
            if (Matches(text.AsSpan(start))) return start;
        }
        return -1;
    }

    private enum ElementKind
    {
        Character,
        One,
        Any,
        Set,
    }

    private readonly record struct Element(ElementKind Kind, char Character, BracketSet? Set)
    {
        public bool Matches(char c) => Kind switch
        {
            ElementKind.Character => c == Character,
            ElementKind.One => true,
            ElementKind.Set => Set!.Contains(c),
            _ => false,
        };
    }
}
