using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Tools.Awk;

/// <summary>$0 and the fields, each rebuilt from the other when it is asked for.</summary>
internal sealed class AwkRecord(Func<string, string> variable, Func<string, Regex> regex)
{
    private const int FieldLimit = 100_000;

    private readonly List<AwkValue> _fields = [];
    private AwkValue _whole = AwkValue.Empty;
    private bool _split = true;
    private bool _joined = true;

    public int Count
    {
        get
        {
            Split();
            return _fields.Count;
        }
    }

    public void Set(string record) => (_whole, _split, _joined) = (AwkValue.Input(record), false, true);

    public AwkValue Get(int index)
    {
        if (index < 0) throw new ToolException("access to negative field");
        if (index == 0)
        {
            Join();
            return _whole;
        }
        Split();
        return index <= _fields.Count ? _fields[index - 1] : AwkValue.Empty;
    }

    public void Set(int index, AwkValue value)
    {
        if (index < 0) throw new ToolException("access to negative field");
        if (index == 0)
        {
            Set(value.ToText());
            return;
        }
        Split();
        Resize(Math.Max(index, _fields.Count));
        _fields[index - 1] = AwkValue.Input(value.ToText());
        if (value is { Numeric: false }) _fields[index - 1] = value;
        _joined = false;
    }

    public void Resize(int count)
    {
        Split();
        if (count is < 0 or > FieldLimit) throw new ToolException("too many fields");
        if (_fields.Count > count) _fields.RemoveRange(count, _fields.Count - count);
        while (_fields.Count < count) _fields.Add(AwkValue.Empty);
        _joined = false;
    }

    private void Join()
    {
        if (_joined) return;
        _whole = AwkValue.Input(string.Join(variable("OFS"), _fields.Select(f => f.ToText())));
        _joined = true;
    }

    private void Split()
    {
        if (_split) return;
        _split = true;
        _fields.Clear();
        _fields.AddRange(Pieces(_whole.ToText(), variable("FS"), regex, paragraphs: variable("RS").Length == 0).Select(AwkValue.Input));
    }

    /// <summary>By blanks, one character, or a regular expression.</summary>
    public static IEnumerable<string> Pieces(string text, string separator, Func<string, Regex> regex, bool paragraphs = false)
    {
        if (text.Length == 0) return [];
        if (separator == " ") return text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (separator.Length == 0) return text.Select(c => c.ToString(CultureInfo.InvariantCulture));
        if (paragraphs) text = text.Replace("\n", separator.Length == 1 ? separator : "\n", StringComparison.Ordinal);
        return separator.Length == 1 && separator != "\\" && separator != "|" ? text.Split(separator[0]) : separator == "|" ? text.Split('|') : SplitBy(text, regex(separator));
    }

    private static IEnumerable<string> SplitBy(string text, Regex separator)
    {
        var at = 0;
        foreach (Match match in separator.Matches(text))
        {
            if (match.Length == 0) continue;
            yield return text[at..match.Index];
            at = match.Index + match.Length;
        }
        yield return text[at..];
    }
}
