using System.Globalization;
using System.Text;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools.Awk;

internal enum AwkTokenKind
{
    End,
    Newline,
    Number,
    Text,
    Regex,
    Name,

    /// <summary>A name with '(' right behind it.</summary>
    FunctionName,
    Keyword,
    Builtin,
    Operator,
}

internal readonly record struct AwkToken(AwkTokenKind Kind, string Text, double Number = 0);

/// <summary>Awk's tokens. Whether '/' divides or starts an expression depends on what came before it.</summary>
internal sealed class AwkLexer(string source)
{
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue", "next", "nextfile", "exit", "return", "delete", "in", "getline", "print", "printf",
    };

    public static readonly IReadOnlySet<string> Builtins = new HashSet<string>(StringComparer.Ordinal)
    {
        "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "sin", "cos", "atan2", "exp", "log", "sqrt", "int", "rand", "srand", "tolower", "toupper",
        "system", "close", "fflush", "systime", "strftime", "and", "or", "xor", "lshift", "rshift", "compl", "gensub",
    };

    private static readonly string[] Operators =
    [
        "**=", "&&", "||", "==", "<=", ">=", "!=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", ">>", "!~",
        "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
    ];

    private int _at;

    public AwkToken Next(bool regexAllowed)
    {
        Skip();
        if (_at >= source.Length) return new(AwkTokenKind.End, "");
        var c = source[_at];
        if (c == '\n')
        {
            _at++;
            return new(AwkTokenKind.Newline, "\n");
        }
        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < source.Length && char.IsAsciiDigit(source[_at + 1]))) return Number();
        if (char.IsAsciiLetter(c) || c == '_') return Name();
        if (c == '"') return new(AwkTokenKind.Text, Quoted());
        if (c == '/' && regexAllowed) return new(AwkTokenKind.Regex, Regex());
        foreach (var op in Operators)
        {
            if (string.CompareOrdinal(source, _at, op, 0, op.Length) != 0) continue;
            _at += op.Length;
            return new(AwkTokenKind.Operator, op switch { "**" => "^", "**=" => "^=", _ => op });
        }
        throw new ToolException("Unexpected token");
    }

    private void Skip()
    {
        while (_at < source.Length)
        {
            if (source[_at] is ' ' or '\t' or '\r') _at++;
            else if (source[_at] == '\\' && _at + 1 < source.Length && source[_at + 1] == '\n') _at += 2;
            else if (source[_at] == '#') while (_at < source.Length && source[_at] != '\n') _at++;
            else break;
        }
    }

    private AwkToken Number()
    {
        var start = _at;
        if (source[_at] == '0' && _at + 2 < source.Length && source[_at + 1] is 'x' or 'X' && char.IsAsciiHexDigit(source[_at + 2]))
        {
            _at += 2;
            while (_at < source.Length && char.IsAsciiHexDigit(source[_at])) _at++;
            return new(AwkTokenKind.Number, "", ulong.TryParse(source.AsSpan(start + 2, _at - start - 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) ? hex : 0);
        }
        while (_at < source.Length && (char.IsAsciiDigit(source[_at]) || source[_at] == '.')) _at++;
        if (_at < source.Length && source[_at] is 'e' or 'E')
        {
            var mark = _at++;
            if (_at < source.Length && source[_at] is '+' or '-') _at++;
            if (_at >= source.Length || !char.IsAsciiDigit(source[_at])) _at = mark;
            else while (_at < source.Length && char.IsAsciiDigit(source[_at])) _at++;
        }
        return double.TryParse(source.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? new(AwkTokenKind.Number, "", value) : throw new ToolException("Unexpected token");
    }

    private AwkToken Name()
    {
        var start = _at;
        while (_at < source.Length && (char.IsAsciiLetterOrDigit(source[_at]) || source[_at] == '_')) _at++;
        var name = source[start.._at];
        if (Keywords.Contains(name)) return new(AwkTokenKind.Keyword, name == "func" ? "function" : name);
        if (Builtins.Contains(name)) return new(AwkTokenKind.Builtin, name);
        return new(_at < source.Length && source[_at] == '(' ? AwkTokenKind.FunctionName : AwkTokenKind.Name, name);
    }

    private string Quoted()
    {
        var text = new StringBuilder();
        for (_at++; ; _at++)
        {
            if (_at >= source.Length || source[_at] == '\n') throw new ToolException("Unterminated string");
            var c = source[_at];
            if (c == '"') break;
            if (c != '\\' || _at + 1 >= source.Length)
            {
                text.Append(c);
                continue;
            }
            var next = source[++_at];
            if (next == '\n') continue;
            if (next is '/' or '"')
            {
                text.Append(next);
                continue;
            }
            var end = _at + 1;
            while (next is >= '0' and <= '7' && end < source.Length && end < _at + 3 && source[end] is >= '0' and <= '7') end++;
            text.Append(Escapes.Decode("\\" + source[_at..end], EscapeStyle.Format, out _));
            _at = end - 1;
        }
        _at++;
        return text.ToString();
    }

    private string Regex()
    {
        var text = new StringBuilder();
        var bracket = false;
        for (_at++; ; _at++)
        {
            if (_at >= source.Length || source[_at] == '\n') throw new ToolException("Unterminated regular expression");
            var c = source[_at];
            if (c == '/' && !bracket) break;
            if (c == '[' && !bracket)
            {
                bracket = true;
                text.Append(c);
                if (_at + 1 < source.Length && source[_at + 1] == '^') text.Append(source[++_at]);
                if (_at + 1 < source.Length && source[_at + 1] == ']') text.Append(source[++_at]);
                continue;
            }
            if (c == ']') bracket = false;
            if (c == '\\' && _at + 1 < source.Length)
            {
                var next = source[++_at];
                text.Append(next == '/' ? "/" : "\\" + next);
                continue;
            }
            text.Append(c);
        }
        _at++;
        return text.ToString();
    }
}
