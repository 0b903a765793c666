namespace ActorCluster.Containers.Tools.Awk;

internal sealed partial class AwkParser
{
    /// <summary>Within print's list '>' redirects; within parentheses it compares again.</summary>
    private int _noGreater;

    private Expression Expression()
    {
        if (++_depth > DepthLimit) throw new ToolException("nested too deeply");
        try
        {
            var left = Ternary();
            if (_token.Kind != AwkTokenKind.Operator || _token.Text is not ("=" or "+=" or "-=" or "*=" or "/=" or "%=" or "^=")) return left;
            if (left is not (VariableExpression or FieldExpression or ElementExpression)) throw Unexpected();
            var op = _token.Text;
            Advance();
            SkipNewlines();
            return new AssignExpression(op, left, Expression());
        }
        finally
        {
            _depth--;
        }
    }

    private Expression Ternary()
    {
        var condition = Or();
        if (!Is("?")) return condition;
        Advance();
        SkipNewlines();
        var then = Expression();
        SkipNewlines();
        Expect(":");
        SkipNewlines();
        return new ConditionalExpression(condition, then, Expression());
    }

    private Expression Or()
    {
        var left = And();
        while (Is("||"))
        {
            Advance();
            SkipNewlines();
            left = new BinaryExpression("||", left, And());
        }
        return left;
    }

    private Expression And()
    {
        var left = In();
        while (Is("&&"))
        {
            Advance();
            SkipNewlines();
            left = new BinaryExpression("&&", left, In());
        }
        return left;
    }

    private Expression In()
    {
        var left = Match();
        while (IsKeyword("in"))
        {
            Advance();
            if (_token.Kind != AwkTokenKind.Name) throw Unexpected();
            left = new InExpression(left is GroupExpression group ? group.Items : [left], _token.Text);
            Advance();
        }
        return left;
    }

    private Expression Match()
    {
        var left = Comparison();
        while (Is("~") || Is("!~"))
        {
            var op = _token.Text;
            Advance();
            left = new BinaryExpression(op, left, Comparison());
        }
        return left;
    }

    private Expression Comparison()
    {
        var left = Concatenation();
        while (_token.Kind == AwkTokenKind.Operator && _token.Text is "<" or "<=" or "==" or "!=" or ">=" or ">" && !(_token.Text == ">" && _noGreater > 0))
        {
            var op = _token.Text;
            Advance();
            left = new BinaryExpression(op, left, Concatenation());
        }
        // "cmd" | getline; in print's list the bar is print's own.
        while (Is("|") && _noGreater == 0)
        {
            Advance();
            if (!IsKeyword("getline")) throw Unexpected();
            Advance();
            left = new GetLineExpression(OptionalTarget(), left, FromCommand: true);
        }
        return left;
    }

    private Expression Concatenation()
    {
        var left = Additive();
        while (StartsOperand()) left = new BinaryExpression(" ", left, Additive());
        return left;
    }

    private bool StartsOperand() => _token.Kind switch
    {
        AwkTokenKind.Number or AwkTokenKind.Text or AwkTokenKind.Regex or AwkTokenKind.Name or AwkTokenKind.FunctionName or AwkTokenKind.Builtin => true,
        AwkTokenKind.Operator => _token.Text is "$" or "!" or "(" or "-" or "+" or "++" or "--",
        _ => false,
    };

    private Expression Additive()
    {
        var left = Multiplicative();
        while (Is("+") || Is("-"))
        {
            var op = _token.Text;
            Advance();
            left = new BinaryExpression(op, left, Multiplicative());
        }
        return left;
    }

    private Expression Multiplicative()
    {
        var left = Unary();
        while (Is("*") || Is("/") || Is("%"))
        {
            var op = _token.Text;
            Advance();
            left = new BinaryExpression(op, left, Unary());
        }
        return left;
    }

    private Expression Unary()
    {
        if (!Is("!") && !Is("-") && !Is("+")) return Power();
        var op = _token.Text[0];
        Advance();
        if (++_depth > DepthLimit) throw new ToolException("nested too deeply");
        var operand = Unary();
        _depth--;
        return new UnaryExpression(op, operand);
    }

    private Expression Power()
    {
        var left = Postfix();
        if (!Is("^")) return left;
        Advance();
        // Right-associative, and a sign binds tighter on its right.
        if (++_depth > DepthLimit) throw new ToolException("nested too deeply");
        var right = Is("-") || Is("+") || Is("!") ? Unary() : Power();
        _depth--;
        return new BinaryExpression("^", left, right);
    }

    private Expression Postfix()
    {
        var operand = Primary();
        if (operand is VariableExpression or FieldExpression or ElementExpression && (Is("++") || Is("--")))
        {
            var by = _token.Text == "++" ? 1 : -1;
            Advance();
            return new IncrementExpression(operand, by, Prefix: false);
        }
        return operand;
    }

    private Expression Primary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case AwkTokenKind.Number:
                Advance();
                return new NumberExpression(token.Number);
            case AwkTokenKind.Text:
                Advance();
                return new StringExpression(token.Text);
            case AwkTokenKind.Regex:
                Advance();
                return new RegexExpression(PosixRegex.Compile(token.Text, extended: true, ignoreCase: false));
            case AwkTokenKind.Name:
                Advance();
                return Is("[") ? new ElementExpression(token.Text, Index()) : new VariableExpression(token.Text);
            case AwkTokenKind.FunctionName:
                Advance();
                return new CallExpression(token.Text, Arguments(), Builtin: false);
            case AwkTokenKind.Builtin:
                Advance();
                if (!Is("(") && token.Text != "length") throw Unexpected();
                return new CallExpression(token.Text, Is("(") ? Arguments() : [], Builtin: true);
            case AwkTokenKind.Keyword when token.Text == "getline":
                Advance();
                var target = OptionalTarget();
                if (!Is("<")) return new GetLineExpression(target, null, FromCommand: false);
                Advance();
                return new GetLineExpression(target, Postfix(), FromCommand: false);
        }
        if (Is("$"))
        {
            Advance();
            if (++_depth > DepthLimit) throw new ToolException("nested too deeply");
            var index = Is("++") || Is("--") ? Primary() : Is("-") ? Unary() : Primary();
            _depth--;
            return new FieldExpression(index);
        }
        if (Is("++") || Is("--"))
        {
            var by = token.Text == "++" ? 1 : -1;
            Advance();
            var operand = Primary();
            return operand is VariableExpression or FieldExpression or ElementExpression ? new IncrementExpression(operand, by, Prefix: true) : throw Unexpected();
        }
        if (!Is("(")) throw Unexpected();
        Advance();
        var noGreater = _noGreater;
        _noGreater = 0;
        var items = new List<Expression> { Expression() };
        while (Is(","))
        {
            Advance();
            SkipNewlines();
            items.Add(Expression());
        }
        _noGreater = noGreater;
        Expect(")");
        return new GroupExpression(items);
    }

    private Expression? OptionalTarget() =>
        _token.Kind == AwkTokenKind.Name || Is("$") ? Primary() : null;

    private List<Expression> Arguments()
    {
        Expect("(");
        var noGreater = _noGreater;
        _noGreater = 0;
        var arguments = new List<Expression>();
        SkipNewlines();
        while (!Is(")"))
        {
            if (arguments.Count > 0)
            {
                Expect(",");
                SkipNewlines();
            }
            arguments.Add(Expression());
            SkipNewlines();
        }
        _noGreater = noGreater;
        Advance();
        return arguments;
    }

    private List<Expression> Index()
    {
        Expect("[");
        var noGreater = _noGreater;
        _noGreater = 0;
        var index = new List<Expression> { Expression() };
        while (Is(","))
        {
            Advance();
            SkipNewlines();
            index.Add(Expression());
        }
        _noGreater = noGreater;
        Expect("]");
        return index;
    }
}
