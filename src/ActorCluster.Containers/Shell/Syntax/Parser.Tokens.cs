using System.Globalization;

namespace ActorCluster.Containers.Shell.Syntax;

internal enum TokenKind
{
    End,
    Newline,
    Word,
    Operator,
    Redirection,
}

/// <param name="Descriptor">The number before a redirection operator.</param>
internal readonly record struct Token(TokenKind Kind, string Text, Word? Word, int? Descriptor, int Start)
{
    public bool Is(string text) => Kind == TokenKind.Operator && Text == text;
}

internal sealed partial class Parser
{
    private static readonly string[] Operators = ["&&", "||", ";;", ";&", "|&", "&", "|", ";", "(", ")"];
    private static readonly string[] RedirectionOperators = ["&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"];

    private List<PendingDocument> _pendingDocuments = [];
    private Token? _peeked;

    private sealed record PendingDocument(Redirection Redirection, string RawDelimiter, bool StripTabs);

    private Token Peek() => _peeked ??= Read();

    private Token Next()
    {
        var token = Peek();
        if (token.Kind != TokenKind.End) _peeked = null;
        return token;
    }

    private char Current => _position < _text.Length ? _text[_position] : '\0';

    private bool Starts(string text) => string.CompareOrdinal(_text, _position, text, 0, text.Length) == 0;

    private Token Read()
    {
        SkipBlanks();
        var start = _position;
        if (_position >= _text.Length)
        {
            if (_pendingDocuments.Count > 0) ReadDocuments();
            return new(TokenKind.End, "", null, null, start);
        }
        if (Current == '\n')
        {
            _position++;
            _line++;
            if (_pendingDocuments.Count > 0) ReadDocuments();
            return new(TokenKind.Newline, "\n", null, null, start);
        }
        if (ReadRedirectionOperator(start) is { } redirection) return redirection;
        foreach (var op in Operators)
        {
            if (!Starts(op)) continue;
            _position += op.Length;
            return new(TokenKind.Operator, op, null, null, start);
        }
        return new(TokenKind.Word, "", ReadWord(), null, start);
    }

    private Token? ReadRedirectionOperator(int start)
    {
        var digits = _position;
        while (digits < _text.Length && char.IsAsciiDigit(_text[digits])) digits++;
        var numbered = digits > _position && digits < _text.Length && _text[digits] is '<' or '>';
        if (numbered && digits - _position > 4) return null;
        int? descriptor = numbered ? int.Parse(_text.AsSpan(_position, digits - _position), CultureInfo.InvariantCulture) : null;
        if (numbered) _position = digits;
        foreach (var op in RedirectionOperators)
        {
            if (!Starts(op) || (numbered && op[0] == '&')) continue;
            _position += op.Length;
            return new(TokenKind.Redirection, op, null, descriptor, start);
        }
        return null;
    }

    private void SkipBlanks()
    {
        while (_position < _text.Length)
        {
            if (Current is ' ' or '\t')
            {
                _position++;
            }
            else if (Current == '\\' && _position + 1 < _text.Length && _text[_position + 1] == '\n')
            {
                _position += 2;
                _line++;
                if (_position >= _text.Length && _moreMayCome) throw Incomplete("syntax error: unexpected end of file", null);
            }
            else if (Current == '#')
            {
                while (_position < _text.Length && Current != '\n') _position++;
            }
            else
            {
                break;
            }
        }
    }

    private void ReadDocuments()
    {
        var pending = _pendingDocuments;
        _pendingDocuments = [];
        foreach (var document in pending)
        {
            var quoted = document.RawDelimiter.AsSpan().IndexOfAny('\'', '"', '\\') >= 0;
            var delimiter = Unquote(document.RawDelimiter);
            var body = new System.Text.StringBuilder();
            while (true)
            {
                if (_position >= _text.Length)
                {
                    if (_moreMayCome) throw Incomplete("syntax error: unexpected end of file", delimiter);
                    break;
                }
                var end = _text.IndexOf('\n', _position);
                var line = end < 0 ? _text[_position..] : _text[_position..end];
                _position = end < 0 ? _text.Length : end + 1;
                _line++;
                if (document.StripTabs) line = line.TrimStart('\t');
                if (line == delimiter) break;
                body.Append(line).Append(end < 0 ? "" : "\n");
            }
            document.Redirection.Body = quoted
                ? new Word([new Literal(body.ToString(), true)])
                : new Parser(body.ToString()) { _depth = _depth + 1 }.ReadDocumentBody();
        }
    }

    private static string Unquote(string raw)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] is '\'' or '"') continue;
            if (raw[i] == '\\' && i + 1 < raw.Length) i++;
            text.Append(raw[i]);
        }
        return text.ToString();
    }

    private ShellSyntaxException Incomplete(string message, string? until) => new(message, _line, incomplete: _moreMayCome, until);
}
