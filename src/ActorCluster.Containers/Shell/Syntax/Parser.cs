using System.Collections.Immutable;
using System.Globalization;

namespace ActorCluster.Containers.Shell.Syntax;

/// <summary>
/// Recursive descent over the POSIX grammar (XCU 2.10), one complete command at a time, so that what stands before a syntax error has
/// been run by then, as in every sh.
/// </summary>
internal sealed partial class Parser
{
    private const int DepthLimit = 200;

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while", "function", "[[",
    };

    private readonly bool _moreMayCome;
    private string _text;
    private int _position;
    private int _line = 1;
    private int _depth;

    /// <param name="moreMayCome">The text is what was typed so far: its end is not the end of input.</param>
    /// <param name="aliases">What is put in the place of a command's name.</param>
    public Parser(string text, bool moreMayCome = false, IReadOnlyDictionary<string, string>? aliases = null)
    {
        _aliases = aliases;
        // A NUL can't be part of a script; it also serves as the end mark here.
        _text = text.Replace("\0", "", StringComparison.Ordinal);
        _moreMayCome = moreMayCome;
    }

    /// <summary>The line that the parser has come to, 1-based.</summary>
    public int Line => _line;

    /// <summary>Whether nothing but blank space and comments is left.</summary>
    public bool AtEnd
    {
        get
        {
            while (Peek().Kind == TokenKind.Newline) Next();
            return Peek().Kind == TokenKind.End;
        }
    }

    /// <summary>The same, to be asked between commands: looks no further than it must, so that a later error stays a later error.</summary>
    public bool NothingFollows
    {
        get
        {
            if (_peeked is { } peeked) return peeked.Kind == TokenKind.End;
            var at = _position;
            while (at < _text.Length && _text[at] is ' ' or '\t' or '\n' or '#')
            {
                if (_text[at] == '#') while (at < _text.Length && _text[at] != '\n') at++;
                else at++;
            }
            return at == _text.Length;
        }
    }

    public static bool IsReserved(string word) => Reserved.Contains(word);

    /// <summary>The next complete command (up to a newline), or null at the end.</summary>
    /// <exception cref="ShellSyntaxException">Also when more input is needed.</exception>
    public Node? NextCommand()
    {
        if (AtEnd) return null;
        var command = ParseList(stopAtNewline: true);
        if (Peek().Kind is not (TokenKind.Newline or TokenKind.End)) throw Unexpected(null);
        if (Peek().Kind == TokenKind.Newline) Next();
        return command;
    }

    private Node ParseList(bool stopAtNewline)
    {
        var items = ImmutableArray.CreateBuilder<SequenceItem>();
        if (!stopAtNewline) SkipNewlines();
        // As in ash: what the text ends without is not a command, but what would have closed this list.
        if (!stopAtNewline && Peek().Kind == TokenKind.End) return new Sequence([]);
        while (true)
        {
            var start = Peek().Start;
            var command = ParseAndOr();
            var text = _text[start..Math.Max(start, Peek().Start)].Trim();
            var background = Peek().Is("&");
            items.Add(new(command, background, text));
            if (background || Peek().Is(";")) Next();
            else if (Peek().Kind != TokenKind.Newline || stopAtNewline) break;
            if (stopAtNewline && Peek().Kind == TokenKind.Newline) break;
            if (!stopAtNewline) SkipNewlines();
            if (EndsList(Peek())) break;
        }
        return items is [{ Background: false } only] ? only.Command : new Sequence(items.ToImmutable());
    }

    private static bool EndsList(Token token) => token.Kind switch
    {
        TokenKind.End => true,
        TokenKind.Operator => token.Text is ")" or ";;" or ";&",
        TokenKind.Word => token.Word!.Plain is "then" or "else" or "elif" or "fi" or "do" or "done" or "esac" or "}",
        _ => false,
    };

    private Node ParseAndOr()
    {
        var first = ParsePipeline();
        var rest = ImmutableArray.CreateBuilder<(bool, Node)>();
        while (Peek().Is("&&") || Peek().Is("||"))
        {
            var and = Next().Text == "&&";
            SkipNewlines();
            rest.Add((and, ParsePipeline()));
        }
        return rest.Count == 0 ? first : new AndOrList(first, rest.ToImmutable());
    }

    private Node ParsePipeline()
    {
        var negated = false;
        if (IsWord("!"))
        {
            Next();
            negated = true;
        }
        var commands = ImmutableArray.CreateBuilder<Node>();
        commands.Add(ParseCommand());
        while (Peek().Is("|") || Peek().Is("|&"))
        {
            if (Next().Text == "|&") commands[^1] = new Redirected(commands[^1], [new(2, RedirectionKind.DuplicateOutput, Text("1"))]);
            SkipNewlines();
            commands.Add(ParseCommand());
        }
        return commands.Count == 1 && !negated ? commands[0] : new Pipeline(commands.ToImmutable(), negated);
    }

    private Node ParseCommand()
    {
        if (++_depth > DepthLimit) throw new ShellSyntaxException("syntax error: nested too deeply", _line);
        try
        {
            ExpandAliases();
            var token = Peek();
            if (token.Is("("))
            {
                Next();
                var body = ParseList(stopAtNewline: false);
                Expect(")");
                return WithRedirections(new Subshell(body));
            }
            if (token.Kind is TokenKind.Word)
            {
                switch (token.Word!.Plain)
                {
                    case "{": return WithRedirections(ParseGroup());
                    case "if": return WithRedirections(ParseIf());
                    case "while": return WithRedirections(ParseLoop(until: false));
                    case "until": return WithRedirections(ParseLoop(until: true));
                    case "for": return WithRedirections(ParseFor());
                    case "case": return WithRedirections(ParseCase());
                    case "[[": return WithRedirections(ParseConditional());
                    case "function": return ParseFunctionKeyword();
                    case "!" or "then" or "else" or "elif" or "fi" or "do" or "done" or "esac" or "}": throw Unexpected(null);
                }
            }
            return ParseSimpleOrFunction();
        }
        finally
        {
            _depth--;
        }
    }

    private Group ParseGroup()
    {
        Next();
        var body = ParseList(stopAtNewline: false);
        ExpectWord("}");
        return new(body);
    }

    private IfCommand ParseIf()
    {
        var branches = ImmutableArray.CreateBuilder<(Node, Node)>();
        do
        {
            Next();
            var condition = ParseList(stopAtNewline: false);
            ExpectWord("then");
            branches.Add((condition, ParseList(stopAtNewline: false)));
        }
        while (IsWord("elif"));
        Node? otherwise = null;
        if (IsWord("else"))
        {
            Next();
            otherwise = ParseList(stopAtNewline: false);
        }
        ExpectWord("fi");
        return new(branches.ToImmutable(), otherwise);
    }

    private LoopCommand ParseLoop(bool until)
    {
        Next();
        var condition = ParseList(stopAtNewline: false);
        return new(condition, ParseDoGroup(), until);
    }

    private Node ParseDoGroup()
    {
        ExpectWord("do");
        var body = ParseList(stopAtNewline: false);
        ExpectWord("done");
        return body;
    }

    private ForCommand ParseFor()
    {
        Next();
        var name = Next();
        if (name.Word?.Plain is not { } variable || !IsName(variable)) throw Failure("syntax error: bad for loop variable");
        SkipNewlines();
        ImmutableArray<Word>? words = null;
        if (IsWord("in"))
        {
            Next();
            var list = ImmutableArray.CreateBuilder<Word>();
            while (Peek().Kind == TokenKind.Word) list.Add(Next().Word!);
            words = list.ToImmutable();
            if (Peek().Kind != TokenKind.Newline && !Peek().Is(";")) throw Unexpected(null);
            Next();
        }
        else if (Peek().Is(";"))
        {
            Next();
        }
        SkipNewlines();
        return new(variable, words, ParseDoGroup());
    }

    private CaseCommand ParseCase()
    {
        Next();
        if (Peek().Kind != TokenKind.Word) throw Unexpected("word");
        var subject = Next().Word!;
        SkipNewlines();
        ExpectWord("in");
        var branches = ImmutableArray.CreateBuilder<CaseBranch>();
        SkipNewlines();
        while (!IsWord("esac"))
        {
            if (Peek().Is("(")) Next();
            var patterns = ImmutableArray.CreateBuilder<Word>();
            do
            {
                if (patterns.Count > 0) Next();
                if (Peek().Kind != TokenKind.Word) throw Unexpected(Peek().Kind == TokenKind.End ? ")" : null);
                patterns.Add(Next().Word!);
            }
            while (Peek().Is("|"));
            Expect(")");
            SkipNewlines();
            var body = Peek().Is(";;") || Peek().Is(";&") || IsWord("esac") ? null : ParseList(stopAtNewline: false);
            var fallThrough = Peek().Is(";&");
            branches.Add(new(patterns.ToImmutable(), body, fallThrough));
            if (!Peek().Is(";;") && !fallThrough)
            {
                if (!IsWord("esac")) throw Unexpected(";;");
                break;
            }
            Next();
            SkipNewlines();
        }
        ExpectWord("esac");
        return new(subject, branches.ToImmutable());
    }

    private ConditionalCommand ParseConditional()
    {
        Next();
        var words = ImmutableArray.CreateBuilder<Word>();
        while (!IsWord("]]"))
        {
            var token = Peek();
            if (token.Kind == TokenKind.End) throw Unexpected("]]");
            Next();
            if (token.Kind == TokenKind.Word) words.Add(token.Word!);
            else if (token.Kind == TokenKind.Operator) words.Add(new([new Literal(token.Text, false)]));
        }
        Next();
        return new(words.ToImmutable());
    }

    private FunctionDefinition ParseFunctionKeyword()
    {
        Next();
        if (Next().Word?.Plain is not { } name || !IsName(name)) throw Failure("syntax error: bad function name");
        if (Peek().Is("("))
        {
            Next();
            Expect(")");
        }
        SkipNewlines();
        return new(name, ParseCommand());
    }

    private Node ParseSimpleOrFunction()
    {
        var line = _line;
        var assignments = ImmutableArray.CreateBuilder<Assignment>();
        var words = ImmutableArray.CreateBuilder<Word>();
        var redirections = ImmutableArray.CreateBuilder<Redirection>();
        while (true)
        {
            var token = Peek();
            if (token.Kind == TokenKind.Redirection)
            {
                redirections.Add(ParseRedirection());
                continue;
            }
            if (token.Kind != TokenKind.Word) break;
            if (ExpandAlias(words.Count == 0)) continue;
            Next();
            if (words.Count == 0 && SplitAssignment(token.Word!) is { } assignment)
            {
                assignments.Add(assignment);
                continue;
            }
            words.Add(token.Word!);
            if (words.Count == 1 && assignments.Count == 0 && redirections.Count == 0 && Peek().Is("("))
            {
                Next();
                Expect(")");
                if (token.Word!.Plain is not { } name || IsReserved(name) || !IsName(name)) throw Failure("syntax error: bad function name");
                SkipNewlines();
                return new FunctionDefinition(name, ParseCommand());
            }
        }
        if (words.Count == 0 && assignments.Count == 0 && redirections.Count == 0) throw Unexpected(null);
        return new SimpleCommand(line, assignments.ToImmutable(), words.ToImmutable(), redirections.ToImmutable());
    }

    private Node WithRedirections(Node command)
    {
        if (Peek().Kind != TokenKind.Redirection) return command;
        var redirections = ImmutableArray.CreateBuilder<Redirection>();
        while (Peek().Kind == TokenKind.Redirection) redirections.Add(ParseRedirection());
        return new Redirected(command, redirections.ToImmutable());
    }

    private Redirection ParseRedirection()
    {
        var token = Next();
        if (Peek().Kind != TokenKind.Word) throw Unexpected(null);
        // A here-document's end may follow at once, so it must be known before the next token is looked for.
        var target = Peek().Word!;
        var raw = _text[Peek().Start.._position];
        var input = token.Text.StartsWith('<');
        var descriptor = token.Descriptor ?? (input ? 0 : 1);
        var plain = target.Plain;
        var isDescriptor = plain is not null && (plain == "-" || plain.All(char.IsAsciiDigit));
        var redirection = token.Text switch
        {
            "<" => new Redirection(descriptor, RedirectionKind.Input, target),
            ">" => new(descriptor, RedirectionKind.Output, target),
            ">|" => new(descriptor, RedirectionKind.Clobber, target),
            ">>" => new(descriptor, RedirectionKind.Append, target),
            "<>" => new(descriptor, RedirectionKind.ReadWrite, target),
            "<&" => new(descriptor, RedirectionKind.DuplicateInput, target),
            ">&" when !isDescriptor && token.Descriptor is null && plain is not null => new(1, RedirectionKind.OutputAndErrors, target),
            ">&" => new(descriptor, RedirectionKind.DuplicateOutput, target),
            "&>" => new(1, RedirectionKind.OutputAndErrors, target),
            "&>>" => new(1, RedirectionKind.AppendOutputAndErrors, target),
            "<<<" => new(descriptor, RedirectionKind.HereString, target),
            _ => new(descriptor, RedirectionKind.HereDocument, target),
        };
        if (redirection.Kind == RedirectionKind.HereDocument) _pendingDocuments.Add(new(redirection, raw, token.Text == "<<-"));
        Next();
        return redirection;
    }

    private static Assignment? SplitAssignment(Word word)
    {
        if (word.Parts is not [Literal { Quoted: false } first, ..]) return null;
        var equals = first.Text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || !IsName(first.Text[..equals])) return null;
        var rest = first.Text[(equals + 1)..];
        var parts = rest.Length > 0 ? word.Parts.SetItem(0, new Literal(rest, false)) : word.Parts.RemoveAt(0);
        return new(first.Text[..equals], new(parts));
    }

    public static bool IsName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static Word Text(string text) => new([new Literal(text, false)]);

    private void SkipNewlines()
    {
        while (Peek().Kind == TokenKind.Newline) Next();
    }

    private bool IsWord(string word) => Peek().Kind == TokenKind.Word && Peek().Word!.Plain == word;

    private void Expect(string text)
    {
        if (!Peek().Is(text)) throw Unexpected(text);
        Next();
    }

    private void ExpectWord(string word)
    {
        if (!IsWord(word)) throw Unexpected(word);
        Next();
    }

    private ShellSyntaxException Failure(string message) => new(message, _line);

    private ShellSyntaxException Unexpected(string? expected)
    {
        var token = Peek();
        var what = token.Kind switch
        {
            TokenKind.End => "end of file",
            TokenKind.Newline => "newline",
            TokenKind.Redirection => "redirection",
            TokenKind.Word when expected != ")" && token.Word!.Plain is { } plain && IsReserved(plain) => $"\"{plain}\"",
            TokenKind.Word => "word",
            _ => $"\"{token.Text}\"",
        };
        var expecting = expected is null ? "" : string.Create(CultureInfo.InvariantCulture, $" (expecting \"{expected}\")");
        return new($"syntax error: unexpected {what}{expecting}", _line, incomplete: token.Kind == TokenKind.End && _moreMayCome);
    }
}
