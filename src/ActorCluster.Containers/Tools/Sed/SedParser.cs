using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Tools.Sed;

/// <summary>sed's script as a flat list of commands; blocks and branches are jumps in it.</summary>
internal sealed class SedParser(string script, bool extended)
{
    private readonly List<SedCommand> _commands = [];
    private readonly Stack<SedCommand> _blocks = new();
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private int _at;

    /// <exception cref="ToolException">Worded as busybox does.</exception>
    public static List<SedCommand> Parse(string script, bool extended)
    {
        var parser = new SedParser(script, extended);
        try
        {
            while (parser.Command())
            {
            }
        }
        catch (PosixRegexException fault)
        {
            throw new ToolException($"bad regex: {fault.Message}");
        }
        if (parser._blocks.Count > 0) throw new ToolException("unmatched '{'");
        foreach (var command in parser._commands.Where(c => c.Name is 'b' or 't' or 'T'))
        {
            if (command.Text.Length == 0) command.Target = parser._commands.Count;
            else command.Target = parser._labels.TryGetValue(command.Text, out var target) ? target : throw new ToolException($"can't find label for jump to '{command.Text}'");
        }
        return parser._commands;
    }

    private char Current => _at < script.Length ? script[_at] : '\0';

    private bool Command()
    {
        while (_at < script.Length && (char.IsWhiteSpace(Current) || Current == ';')) _at++;
        if (_at >= script.Length) return false;
        if (Current == '#')
        {
            while (_at < script.Length && Current != '\n') _at++;
            return true;
        }
        var from = ReadAddress(first: true);
        Address? to = null;
        if (from is not null)
        {
            SkipBlanks();
            if (Current == ',')
            {
                _at++;
                SkipBlanks();
                to = ReadAddress(first: false) ?? throw new ToolException("unexpected ','");
            }
        }
        SkipBlanks();
        var negated = false;
        while (Current == '!')
        {
            negated = true;
            _at++;
            SkipBlanks();
        }
        if (_at >= script.Length) throw new ToolException("missing command");
        var command = new SedCommand { Name = script[_at++], From = from, To = to, Negated = negated };
        Arguments(command);
        return true;
    }

    private void Arguments(SedCommand command)
    {
        switch (command.Name)
        {
            case '{':
                _blocks.Push(command);
                _commands.Add(command);
                return;
            case '}':
                if (_blocks.Count == 0) throw new ToolException("unexpected '}'");
                _blocks.Pop().Target = _commands.Count;
                EndOfCommand();
                return;
            case ':':
                SkipBlanks();
                _labels[Word("\n;")] = _commands.Count;
                return;
            case 'b' or 't' or 'T':
                SkipBlanks();
                command.Text = Word("\n;}");
                break;
            case 'a' or 'i' or 'c': command.Text = ReadText(); break;
            case 'r' or 'w':
                SkipBlanks();
                command.Text = Word("\n");
                if (command.Text.Length == 0) throw new ToolException("empty filename");
                break;
            case 's': Substitution(command); break;
            case 'y': Transliteration(command); break;
            case 'q' or 'Q' or 'l':
                SkipBlanks();
                if (char.IsAsciiDigit(Current)) command.ExitCode = (int)(Number() & 0xff);
                EndOfCommand();
                break;
            case '=' or 'd' or 'D' or 'g' or 'G' or 'h' or 'H' or 'n' or 'N' or 'p' or 'P' or 'x' or 'z' or 'F': EndOfCommand(); break;
            default: throw new ToolException($"unsupported command {command.Name}");
        }
        _commands.Add(command);
    }

    private void EndOfCommand()
    {
        SkipBlanks();
        if (_at >= script.Length || Current is ';' or '\n' or '}' or '#') return;
        throw new ToolException("unexpected characters after command");
    }

    private Address? ReadAddress(bool first)
    {
        if (Current == '$')
        {
            _at++;
            return new(AddressKind.Last);
        }
        if (!first && Current is '+' or '~')
        {
            var kind = Current == '+' ? AddressKind.Offset : AddressKind.Multiple;
            _at++;
            return new(kind, Number());
        }
        if (char.IsAsciiDigit(Current))
        {
            var number = Number();
            if (Current != '~') return new(AddressKind.Line, number);
            _at++;
            return new(AddressKind.Step, number, Number());
        }
        if (Current is not ('/' or '\\')) return null;
        if (Current == '\\') _at++;
        var pattern = ReadDelimited(script[_at++], regex: true);
        var ignoreCase = false;
        while (Current is 'I' or 'M')
        {
            ignoreCase |= Current == 'I';
            _at++;
        }
        return new(AddressKind.Pattern, Pattern: pattern.Length == 0 ? null : PosixRegex.Compile(pattern, extended, ignoreCase));
    }

    private long Number()
    {
        var start = _at;
        while (char.IsAsciiDigit(Current)) _at++;
        return long.TryParse(script.AsSpan(start, _at - start), CultureInfo.InvariantCulture, out var value) ? value : throw new ToolException("bad number");
    }

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t') _at++;
    }

    private string Word(string ends)
    {
        var start = _at;
        while (_at < script.Length && !ends.Contains(Current, StringComparison.Ordinal)) _at++;
        return script[start.._at].Trim();
    }

    /// <summary>The text of a, i and c: "a\" and lines, or the rest of the line.</summary>
    private string ReadText()
    {
        SkipBlanks();
        if (Current == '\\')
        {
            _at++;
            SkipBlanks();
            if (Current == '\n') _at++;
        }
        var text = new StringBuilder();
        while (_at < script.Length && Current != '\n')
        {
            if (Current == '\\' && _at + 1 < script.Length)
            {
                _at++;
                text.Append(Current switch { 't' => '\t', var c => c });
            }
            else
            {
                text.Append(Current);
            }
            _at++;
        }
        return text.Append('\n').ToString();
    }

    /// <summary>Up to the delimiter; escaped, it stands for itself.</summary>
    private string ReadDelimited(char delimiter, bool regex)
    {
        var text = new StringBuilder();
        var bracket = false;
        while (true)
        {
            if (_at >= script.Length || (Current == '\n' && regex && delimiter != '\n')) throw new ToolException("unterminated pattern");
            var c = script[_at++];
            if (c == delimiter && !bracket) return text.ToString();
            if (regex && c == '[' && !bracket)
            {
                bracket = true;
                text.Append(c);
                if (Current == '^') text.Append(script[_at++]);
                if (Current == ']') text.Append(script[_at++]);
                continue;
            }
            if (bracket && c == ']') bracket = false;
            if (c == '\\' && !bracket && _at < script.Length)
            {
                var next = script[_at++];
                if (next == delimiter) text.Append(regex && "|(){}.*+?^$".Contains(next, StringComparison.Ordinal) ? "[" + next + "]" : next);
                else if (next == '\n' && !regex) text.Append("\\\n");
                else text.Append('\\').Append(next);
                continue;
            }
            if (c == '\\' && bracket && Current == 'n')
            {
                text.Append('\n');
                _at++;
                continue;
            }
            text.Append(c);
        }
    }

    private void Substitution(SedCommand command)
    {
        if (_at >= script.Length) throw new ToolException("bad format in substitution expression");
        var delimiter = script[_at++];
        var pattern = ReadDelimited(delimiter, regex: true);
        command.Replacement = ParseReplacement(ReadDelimited(delimiter, regex: false));
        var ignoreCase = false;
        var multiline = false;
        for (; _at < script.Length; _at++)
        {
            switch (Current)
            {
                case 'g': command.Global = true; continue;
                case 'p': command.Print = true; continue;
                case 'i' or 'I': ignoreCase = true; continue;
                case 'm' or 'M': multiline = true; continue;
                case 'e': throw new ToolException("unknown option to s command");
                case >= '1' and <= '9':
                    command.Occurrence = (int)Math.Min(Number(), int.MaxValue);
                    _at--;
                    continue;
                case 'w':
                    _at++;
                    SkipBlanks();
                    command.WriteTo = Word("\n");
                    break;
                case ' ' or '\t' or ';' or '\n' or '}' or '#': break;
                default: throw new ToolException("unknown option to s command");
            }
            break;
        }
        if (command.WriteTo is null) EndOfCommand();
        if (pattern.Length > 0) command.Pattern = PosixRegex.Compile(pattern, extended, ignoreCase, multiline: multiline);
        if (command.Pattern is not null && command.Replacement.Any(p => p.Group >= command.Pattern.GetGroupNumbers().Length)) throw new ToolException("invalid reference on s command's RHS");
    }

    private static List<ReplacementPart> ParseReplacement(string text)
    {
        var parts = new List<ReplacementPart>();
        var literal = new StringBuilder();
        void Flush()
        {
            if (literal.Length > 0) parts.Add(new(literal.ToString(), -1));
            literal.Clear();
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '&')
            {
                Flush();
                parts.Add(new("", 0));
                continue;
            }
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                literal.Append(text[i]);
                continue;
            }
            var c = text[++i];
            switch (c)
            {
                case >= '0' and <= '9':
                    Flush();
                    parts.Add(new("", c - '0'));
                    break;
                case 'U' or 'L' or 'u' or 'l' or 'E':
                    Flush();
                    parts.Add(new("", -1, c));
                    break;
                case 'n': literal.Append('\n'); break;
                case 't': literal.Append('\t'); break;
                case 'r': literal.Append('\r'); break;
                default: literal.Append(c); break;
            }
        }
        Flush();
        return parts;
    }

    private void Transliteration(SedCommand command)
    {
        if (_at >= script.Length) throw new ToolException("bad format in transliteration expression");
        var delimiter = script[_at++];
        var from = Plain(ReadDelimited(delimiter, regex: false));
        var to = Plain(ReadDelimited(delimiter, regex: false));
        if (from.Length != to.Length) throw new ToolException("strings for 'y' command are different lengths");
        var map = Enumerable.Range(0, 256).Select(i => (char)i).ToArray();
        for (var i = 0; i < from.Length; i++) map[from[i]] = to[i];
        command.Map = map;
        EndOfCommand();
    }

    private static string Plain(string text) => Regex.Replace(text, @"\\(.)", m => m.Groups[1].Value switch { "n" => "\n", "t" => "\t", var c => c }, RegexOptions.Singleline | RegexOptions.NonBacktracking);
}
