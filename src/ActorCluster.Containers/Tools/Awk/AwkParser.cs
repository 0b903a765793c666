namespace ActorCluster.Containers.Tools.Awk;

/// <summary>Recursive descent over awk's grammar (POSIX awk, "Grammar"): program, rules and statements; expressions are in the other part.</summary>
internal sealed partial class AwkParser
{
    private const int DepthLimit = 200;

    private readonly AwkLexer _lexer;
    private readonly Dictionary<string, AwkFunction> _functions = new(StringComparer.Ordinal);
    private AwkToken _token;
    private int _depth;

    private AwkParser(string source)
    {
        _lexer = new AwkLexer(source);
        _token = _lexer.Next(regexAllowed: true);
    }

    /// <exception cref="ToolException">A syntax error.</exception>
    public static AwkProgram Parse(string source)
    {
        try
        {
            var parser = new AwkParser(source);
            var rules = parser.Program();
            return new(rules, parser._functions);
        }
        catch (PosixRegexException fault)
        {
            throw new ToolException($"bad regex: {fault.Message}");
        }
    }

    private List<AwkRule> Program()
    {
        var rules = new List<AwkRule>();
        SkipTerminators();
        while (_token.Kind != AwkTokenKind.End)
        {
            if (IsKeyword("function")) Function();
            else rules.Add(Rule());
            SkipTerminators();
        }
        return rules;
    }

    private AwkRule Rule()
    {
        if (IsKeyword("BEGIN") || IsKeyword("END"))
        {
            var kind = _token.Text == "BEGIN" ? AwkRuleKind.Begin : AwkRuleKind.End;
            Advance();
            SkipNewlines();
            return new(kind, null, null, Block());
        }
        Expression? from = null, to = null;
        if (!Is("{"))
        {
            from = Expression();
            if (Is(","))
            {
                Advance();
                SkipNewlines();
                to = Expression();
            }
        }
        var body = Is("{") ? Block() : null;
        return new(to is null ? AwkRuleKind.Pattern : AwkRuleKind.Range, from, to, body);
    }

    private void Function()
    {
        Advance();
        var name = _token.Text;
        if (_token.Kind is not (AwkTokenKind.Name or AwkTokenKind.FunctionName)) throw Unexpected();
        Advance();
        Expect("(");
        var parameters = new List<string>();
        while (!Is(")"))
        {
            if (parameters.Count > 0)
            {
                Expect(",");
                SkipNewlines();
            }
            if (_token.Kind != AwkTokenKind.Name) throw Unexpected();
            parameters.Add(_token.Text);
            Advance();
        }
        Advance();
        SkipNewlines();
        _functions[name] = new(name, parameters, Block());
    }

    private BlockStatement Block()
    {
        Expect("{");
        var statements = new List<Statement>();
        SkipTerminators();
        while (!Is("}"))
        {
            if (_token.Kind == AwkTokenKind.End) throw Unexpected();
            statements.Add(Statement());
            SkipTerminators();
        }
        Advance();
        return new(statements);
    }

    private Statement Statement()
    {
        if (++_depth > DepthLimit) throw new ToolException("nested too deeply");
        try
        {
            if (Is("{")) return Block();
            if (_token.Kind == AwkTokenKind.Keyword)
            {
                switch (_token.Text)
                {
                    case "if": return If();
                    case "while": return While();
                    case "do": return Do();
                    case "for": return For();
                    case ";": return new BlockStatement([]);
                }
            }
            if (Is(";"))
            {
                Advance();
                return new BlockStatement([]);
            }
            var statement = Simple();
            EndOfStatement();
            return statement;
        }
        finally
        {
            _depth--;
        }
    }

    private void EndOfStatement()
    {
        if (Is(";") || _token.Kind == AwkTokenKind.Newline) Advance();
        else if (!Is("}") && _token.Kind != AwkTokenKind.End && !IsKeyword("else") && !IsKeyword("while")) throw Unexpected();
    }

    private Statement Simple()
    {
        if (_token.Kind != AwkTokenKind.Keyword) return new ExpressionStatement(Expression());
        var word = _token.Text;
        switch (word)
        {
            case "print" or "printf":
                Advance();
                return Print(word == "printf");
            case "delete": return Delete();
            case "next" or "nextfile" or "break" or "continue":
                Advance();
                return new JumpStatement(word, null);
            case "exit" or "return":
                Advance();
                return new JumpStatement(word, EndsStatement ? null : Expression());
            default: return new ExpressionStatement(Expression());
        }
    }

    private bool EndsStatement => Is(";") || Is("}") || _token.Kind is AwkTokenKind.Newline or AwkTokenKind.End;

    private PrintStatement Print(bool formatted)
    {
        var arguments = new List<Expression>();
        if (!EndsStatement && !Is(">") && !Is(">>") && !Is("|"))
        {
            _noGreater++;
            arguments.Add(Expression());
            while (Is(","))
            {
                Advance();
                SkipNewlines();
                arguments.Add(Expression());
            }
            _noGreater--;
            // print (a, b) > "file": the parentheses hold the list.
            if (arguments is [GroupExpression group]) arguments = [.. group.Items];
        }
        if (!Is(">") && !Is(">>") && !Is("|")) return new(arguments, formatted, null, null);
        var redirection = _token.Text;
        Advance();
        return new(arguments, formatted, redirection, Concatenation());
    }

    private DeleteStatement Delete()
    {
        Advance();
        var name = _token.Text;
        if (_token.Kind != AwkTokenKind.Name) throw Unexpected();
        Advance();
        return new(name, Is("[") ? Index() : null);
    }

    private IfStatement If()
    {
        Advance();
        var condition = Parenthesized();
        SkipNewlines();
        var then = Statement();
        // "; else" and newlines before else are allowed.
        while (Is(";") || _token.Kind == AwkTokenKind.Newline)
        {
            if (!ElseFollows()) return new(condition, then, null);
            Advance();
        }
        if (!IsKeyword("else")) return new(condition, then, null);
        Advance();
        SkipNewlines();
        return new(condition, then, Statement());
    }

    /// <summary>Skipping terminators is harmless here: what follows is either else or the next statement.</summary>
    private bool ElseFollows()
    {
        SkipTerminators();
        return IsKeyword("else");
    }

    private LoopStatement While()
    {
        Advance();
        var condition = Parenthesized();
        if (Is(";"))
        {
            Advance();
            return new(null, condition, null, new BlockStatement([]), TestFirst: true);
        }
        SkipNewlines();
        return new(null, condition, null, Statement(), TestFirst: true);
    }

    private LoopStatement Do()
    {
        Advance();
        SkipNewlines();
        var body = Statement();
        SkipTerminators();
        if (!IsKeyword("while")) throw Unexpected();
        Advance();
        var condition = Parenthesized();
        EndOfStatement();
        return new(null, condition, null, body, TestFirst: false);
    }

    private Statement For()
    {
        Advance();
        Expect("(");
        Statement? start = null;
        if (!Is(";"))
        {
            start = Simple();
            if (start is ExpressionStatement { Expression: InExpression { Index: [VariableExpression variable] } loop } && Is(")"))
            {
                Advance();
                SkipNewlines();
                return new ForInStatement(variable.Name, loop.Array, Statement());
            }
        }
        Expect(";");
        SkipNewlines();
        var condition = Is(";") ? null : Expression();
        Expect(";");
        SkipNewlines();
        var step = Is(")") ? null : Simple();
        Expect(")");
        if (Is(";"))
        {
            Advance();
            return new LoopStatement(start, condition, step, new BlockStatement([]), TestFirst: true);
        }
        SkipNewlines();
        return new LoopStatement(start, condition, step, Statement(), TestFirst: true);
    }

    private Expression Parenthesized()
    {
        Expect("(");
        var expression = Expression();
        Expect(")");
        return expression;
    }

    private bool Is(string text) => _token.Kind == AwkTokenKind.Operator && _token.Text == text;

    private bool IsKeyword(string word) => _token.Kind == AwkTokenKind.Keyword && _token.Text == word;

    private void Expect(string text)
    {
        if (!Is(text)) throw Unexpected();
        Advance();
    }

    private void Advance()
    {
        // After a value '/' divides.
        var value = _token.Kind is AwkTokenKind.Number or AwkTokenKind.Text or AwkTokenKind.Name or AwkTokenKind.Builtin || Is(")") || Is("]") || Is("$") || Is("++") || Is("--");
        _token = _lexer.Next(regexAllowed: !value);
    }

    private void SkipNewlines()
    {
        while (_token.Kind == AwkTokenKind.Newline) Advance();
    }

    private void SkipTerminators()
    {
        while (_token.Kind == AwkTokenKind.Newline || Is(";")) Advance();
    }

    private ToolException Unexpected() => new(_token.Kind == AwkTokenKind.End ? "Unexpected end of program" : $"Unexpected token near '{_token.Text.Replace("\n", "\\n", StringComparison.Ordinal)}'");
}
