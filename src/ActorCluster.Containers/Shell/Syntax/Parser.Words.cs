using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Containers.Shell.Syntax;

internal sealed partial class Parser
{
    /// <summary>Where a word ends, and what quotes mean in it.</summary>
    private enum WordMode
    {
        /// <summary>Ends at blanks and operators.</summary>
        Token,

        /// <summary>Within "...": ends at the quote.</summary>
        DoubleQuotes,

        /// <summary>The argument of ${...}: ends at '}'; quotes mean what they mean outside.</summary>
        Braces,

        /// <summary>The same within double quotes, where ' is nothing special.</summary>
        QuotedBraces,

        /// <summary>The pattern of ${x/...}: ends at '/' or '}'.</summary>
        Pattern,

        /// <summary>The offset of ${x:...}: ends at ':' or '}'.</summary>
        Offset,

        /// <summary>A here-document or an arithmetic expression: ends with the text.</summary>
        Document,
    }

    private Word ReadWord() => ReadParts(WordMode.Token);

    private Word ReadDocumentBody() => ReadParts(WordMode.Document);

    private Word ReadParts(WordMode mode)
    {
        if (++_depth > DepthLimit) throw new ShellSyntaxException("syntax error: nested too deeply", _line);
        var parts = ImmutableArray.CreateBuilder<WordPart>();
        var text = new StringBuilder();
        var quotes = mode is WordMode.DoubleQuotes or WordMode.QuotedBraces or WordMode.Document;
        var assignment = false;
        while (_position < _text.Length && !Ends(mode, Current))
        {
            var c = Current;
            switch (c)
            {
                case '\\': ReadBackslash(mode, quotes, text, parts); break;
                case '\'' when !quotes:
                    Flush(text, parts);
                    parts.Add(new Literal(ReadSingleQuotes(), true));
                    break;
                case '"' when mode == WordMode.Document: Append(text, c); break;
                case '"':
                    Flush(text, parts);
                    _position++;
                    parts.Add(new DoubleQuoted(ReadParts(WordMode.DoubleQuotes).Parts));
                    if (Current != '"') throw Incomplete("syntax error: unterminated quoted string", "\"");
                    _position++;
                    break;
                case '$' when ReadDollar(quotes) is { } part:
                    Flush(text, parts);
                    parts.Add(part);
                    break;
                case '`':
                    Flush(text, parts);
                    parts.Add(ReadBackquotes(quotes));
                    break;
                case '~' when mode == WordMode.Token && text.Length == 0 && parts.Count == 0: parts.Add(ReadTilde(inAssignment: false)); break;
                case '~' when assignment && text.Length > 0 && text[^1] is '=' or ':':
                    Flush(text, parts);
                    parts.Add(ReadTilde(inAssignment: true));
                    break;
                default:
                    if (c == '=' && mode == WordMode.Token && parts.Count == 0) assignment |= IsName(text.ToString());
                    Append(text, c);
                    break;
            }
        }
        Flush(text, parts);
        _depth--;
        return new(parts.ToImmutable());
    }

    private static bool Ends(WordMode mode, char c) => mode switch
    {
        WordMode.Token => c is ' ' or '\t' or '\n' or '&' or '|' or ';' or '(' or ')' or '<' or '>',
        WordMode.DoubleQuotes => c == '"',
        WordMode.Braces or WordMode.QuotedBraces => c == '}',
        WordMode.Pattern => c is '}' or '/',
        WordMode.Offset => c is '}' or ':',
        _ => false,
    };

    private void Append(StringBuilder text, char c)
    {
        if (c == '\n') _line++;
        text.Append(c);
        _position++;
    }

    private static void Flush(StringBuilder text, ImmutableArray<WordPart>.Builder parts, bool quoted = false)
    {
        if (text.Length == 0) return;
        parts.Add(new Literal(text.ToString(), quoted));
        text.Clear();
    }

    private void ReadBackslash(WordMode mode, bool quotes, StringBuilder text, ImmutableArray<WordPart>.Builder parts)
    {
        if (_position + 1 >= _text.Length)
        {
            if (_moreMayCome) throw Incomplete("syntax error: unexpected end of file", null);
            Append(text, '\\');
            return;
        }
        var next = _text[_position + 1];
        if (next == '\n')
        {
            _position += 2;
            _line++;
            if (_position >= _text.Length && _moreMayCome) throw Incomplete("syntax error: unexpected end of file", null);
            return;
        }
        if (quotes && !(next is '$' or '`' or '\\' || (next == '"' && mode != WordMode.Document) || (next == '}' && mode == WordMode.QuotedBraces)))
        {
            Append(text, '\\');
            return;
        }
        Flush(text, parts);
        _position += 2;
        parts.Add(new Literal(next.ToString(), true));
    }

    private string ReadSingleQuotes()
    {
        var end = _text.IndexOf('\'', _position + 1);
        if (end < 0) throw Incomplete("syntax error: unterminated quoted string", "'");
        var text = _text[(_position + 1)..end];
        _line += text.Count(c => c == '\n');
        _position = end + 1;
        return text;
    }

    private Tilde ReadTilde(bool inAssignment)
    {
        var start = ++_position;
        while (_position < _text.Length && (char.IsAsciiLetterOrDigit(Current) || Current is '_' or '-' or '.')) _position++;
        return new(_text[start.._position], inAssignment);
    }

    private WordPart? ReadDollar(bool quoted)
    {
        var next = _position + 1 < _text.Length ? _text[_position + 1] : '\0';
        switch (next)
        {
            case '\'' when !quoted: return ReadDollarQuotes();
            case '(' when Arithmetic() is { } arithmetic: return arithmetic;
            case '(':
                var arithmetical = Starts("$((");
                _position += 2;
                try
                {
                    return new CommandSubstitution(ReadNested(')'));
                }
                catch (ShellSyntaxException) when (arithmetical && !_moreMayCome)
                {
                    throw Failure("syntax error: missing '))'");
                }
            case '{': return ReadBraces(quoted);
        }
        if (next is '@' or '*' or '#' or '?' or '-' or '$' or '!' || char.IsAsciiDigit(next))
        {
            _position += 2;
            return new ParameterExpansion(next.ToString(), ParameterOperator.None, false, null, null);
        }
        if (!char.IsAsciiLetter(next) && next != '_') return null;
        var end = _position + 1;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] == '_')) end++;
        var name = _text[(_position + 1)..end];
        _position = end;
        return new ParameterExpansion(name, ParameterOperator.None, false, null, null);
    }

    /// <summary>$'...' with C's escapes.</summary>
    private Literal ReadDollarQuotes()
    {
        var end = _position + 2;
        while (end < _text.Length && _text[end] != '\'') end += _text[end] == '\\' ? 2 : 1;
        if (end >= _text.Length) throw Incomplete("syntax error: unterminated quoted string", "'");
        var raw = _text[(_position + 2)..end];
        _line += raw.Count(c => c == '\n');
        _position = end + 1;
        return new(Escapes.Decode(raw, EscapeStyle.DollarQuotes, out _), true);
    }

    /// <summary>$((...)) if it is one; else nothing is consumed and it is a command substitution that starts with a subshell.</summary>
    private ArithmeticExpansion? Arithmetic()
    {
        if (!Starts("$((")) return null;
        var depth = 0;
        for (var i = _position + 3; i < _text.Length; i++)
        {
            switch (_text[i])
            {
                case '\\': i++; break;
                case '(': depth++; break;
                case ')' when depth > 0: depth--; break;
                case ')' when i + 1 < _text.Length && _text[i + 1] == ')':
                    var inner = _text[(_position + 3)..i];
                    _line += inner.Count(c => c == '\n');
                    _position = i + 2;
                    return new(new Parser(inner) { _depth = _depth + 1 }.ReadDocumentBody());
                case ')': return null;
            }
        }
        return _moreMayCome ? throw Incomplete("syntax error: missing '))'", ")") : throw Failure("syntax error: missing '))'");
    }

    private Node? ReadNested(char close)
    {
        var (peeked, documents) = (_peeked, _pendingDocuments);
        (_peeked, _pendingDocuments) = (null, []);
        SkipNewlines();
        var body = Peek().Is(close.ToString()) ? null : ParseList(stopAtNewline: false);
        Expect(close.ToString());
        (_peeked, _pendingDocuments) = (peeked, documents);
        return body;
    }

    private CommandSubstitution ReadBackquotes(bool quoted)
    {
        var text = new StringBuilder();
        _position++;
        var line = _line;
        while (Current != '`')
        {
            if (_position >= _text.Length) throw Incomplete("syntax error: EOF in backquote substitution", "`");
            if (Current == '\n') _line++;
            if (Current == '\\' && _position + 1 < _text.Length && (_text[_position + 1] is '`' or '\\' or '$' || (quoted && _text[_position + 1] == '"'))) _position++;
            text.Append(Current);
            _position++;
        }
        _position++;
        var inner = new Parser(text.ToString(), aliases: _aliases) { _depth = _depth + 1, _line = line };
        if (inner.AtEnd) return new((Node?)null);
        var body = inner.ParseList(stopAtNewline: false);
        if (inner.Peek().Kind != TokenKind.End) throw inner.Unexpected(null);
        return new(body);
    }

    private ParameterExpansion ReadBraces(bool quoted)
    {
        _position += 2;
        if (Current == '#' && _position + 1 < _text.Length && _text[_position + 1] != '}' && ReadLength() is { } length) return length;
        var name = ReadParameterName();
        var argumentMode = quoted ? WordMode.QuotedBraces : WordMode.Braces;
        if (name.Length == 0) return Close(new("", ParameterOperator.Bad, false, ReadParts(argumentMode), null));
        var colon = Current == ':';
        var c = colon && _position + 1 < _text.Length ? _text[_position + 1] : Current;
        if (c is '-' or '=' or '?' or '+')
        {
            _position += colon ? 2 : 1;
            var kind = c switch { '-' => ParameterOperator.Default, '=' => ParameterOperator.AssignDefault, '?' => ParameterOperator.Error, _ => ParameterOperator.Alternative };
            return Close(new(name, kind, colon, ReadParts(argumentMode), null));
        }
        if (colon)
        {
            _position++;
            var offset = ReadParts(WordMode.Offset);
            if (Current != ':') return Close(new(name, ParameterOperator.Substring, false, offset, null));
            _position++;
            return Close(new(name, ParameterOperator.Substring, false, offset, ReadParts(WordMode.Braces)));
        }
        switch (c)
        {
            case '#' or '%':
                _position++;
                var longest = Current == c;
                if (longest) _position++;
                var remove = (c, longest) switch
                {
                    ('#', false) => ParameterOperator.RemoveShortestPrefix,
                    ('#', true) => ParameterOperator.RemoveLongestPrefix,
                    ('%', false) => ParameterOperator.RemoveShortestSuffix,
                    _ => ParameterOperator.RemoveLongestSuffix,
                };
                return Close(new(name, remove, false, ReadParts(WordMode.Braces), null));
            case '/':
                _position++;
                var all = Current == '/';
                if (all) _position++;
                var pattern = ReadParts(WordMode.Pattern);
                Word? replacement = null;
                if (Current == '/')
                {
                    _position++;
                    replacement = ReadParts(argumentMode);
                }
                return Close(new(name, all ? ParameterOperator.ReplaceAll : ParameterOperator.ReplaceFirst, false, pattern, replacement));
            case '}': return Close(new(name, ParameterOperator.None, false, null, null));
            case '\0': throw Incomplete("syntax error: missing '}'", "}");
            default: return Close(new(name, ParameterOperator.Bad, false, ReadParts(argumentMode), null));
        }
    }

    /// <summary>${#name}; null (and nothing consumed) when the '#' is the parameter itself, as in ${#:-x}.</summary>
    private ParameterExpansion? ReadLength()
    {
        var start = _position++;
        var name = ReadParameterName();
        if (name.Length > 0 && Current == '}')
        {
            _position++;
            return new(name, ParameterOperator.Length, false, null, null);
        }
        _position = start;
        return null;
    }

    private string ReadParameterName()
    {
        var start = _position;
        if (Current is '@' or '*' or '#' or '?' or '-' or '$' or '!') _position++;
        else if (char.IsAsciiDigit(Current)) while (char.IsAsciiDigit(Current)) _position++;
        else while (char.IsAsciiLetterOrDigit(Current) || Current == '_') _position++;
        return _text[start.._position];
    }

    private ParameterExpansion Close(ParameterExpansion expansion)
    {
        if (Current != '}') throw _position >= _text.Length ? Incomplete("syntax error: missing '}'", "}") : Failure("syntax error: bad substitution");
        _position++;
        return expansion;
    }
}
