using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>The grammar of a Corefile (https://coredns.io/manual/configuration/): server blocks, directives, blocks of theirs, quotes and comments. Snippets and imports are not emulated.</summary>
internal sealed class CorefileParser
{
    private readonly string _file;
    private readonly List<Token> _tokens;
    private int _at;

    private CorefileParser(string text, string file) => (_file, _tokens) = (file, [.. Tokens(text)]);

    /// <exception cref="CorefileException">It is no Corefile.</exception>
    public static ImmutableArray<CorefileBlock> Parse(string text, string file)
    {
        var parser = new CorefileParser(text, file);
        var blocks = ImmutableArray.CreateBuilder<CorefileBlock>();
        while (parser._at < parser._tokens.Count) blocks.Add(parser.Block());
        return blocks.ToImmutable();
    }

    private CorefileBlock Block()
    {
        var keys = Keys();
        var directives = ImmutableArray.CreateBuilder<CorefileDirective>();
        // Without braces the rest of the file is the only block.
        var braced = _at < _tokens.Count && _tokens[_at] is { Text: "{", Quoted: false };
        if (braced) _at++;
        while (_at < _tokens.Count && _tokens[_at] is not { Text: "}", Quoted: false }) directives.Add(Directive());
        if (!braced) return new(keys, directives.ToImmutable());
        if (_at >= _tokens.Count) throw new CorefileException($"{_file}:{_tokens[^1].Line} - Syntax error: Unexpected token '{_tokens[^1].Text}', expecting '}}'");
        _at++;
        return new(keys, directives.ToImmutable());
    }

    /// <summary>Words up to the brace or the end of their line; after a comma they go on.</summary>
    private ImmutableArray<string> Keys()
    {
        var keys = ImmutableArray.CreateBuilder<string>();
        var goesOn = false;
        var line = _tokens[_at].Line;
        while (_at < _tokens.Count && _tokens[_at] is not { Text: "{", Quoted: false })
        {
            var token = _tokens[_at];
            if (keys.Count > 0 && token.Line != line && !goesOn) break;
            if (token.Text == "import" || token.Text.StartsWith('(')) throw Error(token, "import and snippets are not emulated");
            goesOn = token.Text.EndsWith(',');
            line = token.Line;
            keys.AddRange(token.Text.Split(',', StringSplitOptions.RemoveEmptyEntries));
            _at++;
        }
        return goesOn || keys.Count == 0 ? throw Error(_tokens[Math.Min(_at, _tokens.Count - 1)], "Unexpected EOF") : keys.ToImmutable();
    }

    private CorefileDirective Directive()
    {
        var first = _tokens[_at++];
        if (first.Text == "import") throw Error(first, "import and snippets are not emulated");
        var arguments = ImmutableArray.CreateBuilder<string>();
        while (_at < _tokens.Count && _tokens[_at].Line == first.Line && _tokens[_at] is not { Text: "{" or "}", Quoted: false }) arguments.Add(_tokens[_at++].Text);
        var options = ImmutableArray.CreateBuilder<CorefileLine>();
        if (_at < _tokens.Count && _tokens[_at].Line == first.Line && _tokens[_at] is { Text: "{", Quoted: false })
        {
            _at++;
            while (true)
            {
                if (_at >= _tokens.Count) throw Error(_tokens[^1], "Unexpected EOF");
                if (_tokens[_at] is { Text: "}", Quoted: false }) break;
                var line = _tokens[_at].Line;
                var words = ImmutableArray.CreateBuilder<string>();
                while (_at < _tokens.Count && _tokens[_at].Line == line && _tokens[_at] is not { Text: "}", Quoted: false }) words.Add(_tokens[_at++].Text);
                options.Add(new(line, words.ToImmutable()));
            }
            _at++;
        }
        return new(_file, first.Line, first.Text, arguments.ToImmutable(), options.ToImmutable());
    }

    private CorefileException Error(Token at, string text) => new($"{_file}:{at.Line} - Error during parsing: {text}");

    private static IEnumerable<Token> Tokens(string text)
    {
        var (line, i) = (1, 0);
        while (i < text.Length)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
            {
                if (c == '\n') line++;
                i++;
            }
            else if (c == '#')
            {
                while (i < text.Length && text[i] != '\n') i++;
            }
            else
            {
                var (start, quoted, word) = (line, c == '"', new StringBuilder());
                if (quoted) i++;
                while (i < text.Length && (quoted ? text[i] != '"' : !char.IsWhiteSpace(text[i])))
                {
                    if (quoted && text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '"') i++;
                    if (text[i] == '\n') line++;
                    word.Append(text[i++]);
                }
                if (quoted) i++;
                yield return new(start, word.ToString(), quoted);
            }
        }
    }

    private sealed record Token(int Line, string Text, bool Quoted);
}
