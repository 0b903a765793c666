using System.Globalization;

namespace ActorCluster.Containers.Shell.Expansion;

/// <summary>What an arithmetic expression reads and sets.</summary>
internal interface IArithmeticVariables
{
    string? Get(string name);
    void Set(string name, string value);
}

internal sealed class ArithmeticException(string message) : Exception(message);

/// <summary>Arithmetic expansion (XCU 2.6.4): C's operators on 64-bit integers, with assignment; also **, base#digits and the comma.</summary>
internal sealed class Arithmetic
{
    private const int DepthLimit = 100;
    private const string SyntaxError = "arithmetic syntax error";

    // Longest first, so that "<<=" isn't taken for "<".
    private static readonly string[] Operators =
    [
        "<<=", ">>=", "**", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=",
        "+", "-", "*", "/", "%", "<", ">", "=", "!", "~", "&", "^", "|", "?", ":", ",", "(", ")",
    ];

    private static readonly Dictionary<string, int> Precedence = new(StringComparer.Ordinal)
    {
        ["||"] = 1, ["&&"] = 2, ["|"] = 3, ["^"] = 4, ["&"] = 5, ["=="] = 6, ["!="] = 6, ["<"] = 7, [">"] = 7, ["<="] = 7, [">="] = 7,
        ["<<"] = 8, [">>"] = 8, ["+"] = 9, ["-"] = 9, ["*"] = 10, ["/"] = 10, ["%"] = 10,
    };

    private readonly string _text;
    private readonly IArithmeticVariables _variables;
    private int _position;
    private int _depth;
    private string? _operator;

    private Arithmetic(string text, IArithmeticVariables variables, int depth)
    {
        (_text, _variables, _depth) = (text, variables, depth);
        Advance();
    }

    /// <exception cref="ArithmeticException">Worded as ash does.</exception>
    public static long Evaluate(string text, IArithmeticVariables variables) => Evaluate(text, variables, 0);

    private static long Evaluate(string text, IArithmeticVariables variables, int depth)
    {
        if (depth > DepthLimit) throw new ArithmeticException("expression recursion loop detected");
        if (string.IsNullOrWhiteSpace(text)) return 0;
        var evaluator = new Arithmetic(text, variables, depth);
        var value = evaluator.Comma(true);
        return evaluator._operator is null && evaluator._position >= evaluator._text.Length ? value : throw new ArithmeticException(SyntaxError);
    }

    /// <param name="live">False in the branch not taken, where nothing may be assigned or divided.</param>
    private long Comma(bool live)
    {
        var value = Assignment(live);
        while (_operator == ",")
        {
            Advance();
            value = Assignment(live);
        }
        return value;
    }

    private long Assignment(bool live)
    {
        if (++_depth > DepthLimit) throw new ArithmeticException(SyntaxError);
        try
        {
            var (position, op) = (_position, _operator);
            if (op is null && Name() is { } name && _operator is { } assign && assign.EndsWith('=') && assign is not ("==" or "!=" or "<=" or ">="))
            {
                Advance();
                var right = Assignment(live);
                if (!live) return 0;
                var value = assign == "=" ? right : Apply(assign[..^1], Variable(name), right);
                _variables.Set(name, value.ToString(CultureInfo.InvariantCulture));
                return value;
            }
            (_position, _operator) = (position, op);
            return Conditional(live);
        }
        finally
        {
            _depth--;
        }
    }

    private long Conditional(bool live)
    {
        var condition = Binary(1, live);
        if (_operator != "?") return condition;
        Advance();
        var whenTrue = Comma(live && condition != 0);
        if (_operator != ":") throw new ArithmeticException(SyntaxError);
        Advance();
        var whenFalse = Assignment(live && condition == 0);
        return condition != 0 ? whenTrue : whenFalse;
    }

    private long Binary(int minimum, bool live)
    {
        var left = Power(live);
        while (_operator is { } op && Precedence.TryGetValue(op, out var precedence) && precedence >= minimum)
        {
            Advance();
            var right = Binary(precedence + 1, live && !(op == "&&" && left == 0) && !(op == "||" && left != 0));
            left = live ? Apply(op, left, right) : 0;
        }
        return left;
    }

    private long Power(bool live)
    {
        var left = Unary(live);
        if (_operator != "**") return left;
        Advance();
        if (++_depth > DepthLimit) throw new ArithmeticException(SyntaxError);
        var exponent = Power(live);
        _depth--;
        if (!live) return 0;
        if (exponent < 0) throw new ArithmeticException("exponent less than 0");
        var result = 1L;
        for (var b = left; exponent > 0; exponent >>= 1, b = unchecked(b * b))
        {
            if ((exponent & 1) != 0) result = unchecked(result * b);
        }
        return result;
    }

    private long Unary(bool live)
    {
        if (++_depth > DepthLimit) throw new ArithmeticException(SyntaxError);
        try
        {
            switch (_operator)
            {
                case "+": Advance(); return Unary(live);
                case "-": Advance(); return unchecked(-Unary(live));
                case "!": Advance(); return Unary(live) == 0 ? 1 : 0;
                case "~": Advance(); return ~Unary(live);
                case "++" or "--":
                    var step = _operator == "++" ? 1 : -1;
                    Advance();
                    if (Name() is not { } name) return step == 1 ? Unary(live) : unchecked(-Unary(live));
                    return live ? Store(name, unchecked(Variable(name) + step)) : 0;
                case "(":
                    Advance();
                    var value = Comma(live);
                    if (_operator != ")") throw new ArithmeticException(SyntaxError);
                    Advance();
                    return value;
                case null: return Primary(live);
                default: throw new ArithmeticException(SyntaxError);
            }
        }
        finally
        {
            _depth--;
        }
    }

    private long Primary(bool live)
    {
        if (Name() is { } name)
        {
            if (!live)
            {
                if (_operator is "++" or "--") Advance();
                return 0;
            }
            var value = Variable(name);
            if (_operator is "++" or "--")
            {
                Store(name, unchecked(value + (_operator == "++" ? 1 : -1)));
                Advance();
            }
            return value;
        }
        var end = _position;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '#' or '_' or '@')) end++;
        var number = Number(_text[_position..end]) ?? throw new ArithmeticException(SyntaxError);
        _position = end;
        Advance();
        return number;
    }

    /// <summary>Decimal, 0octal, 0xhex or base#digits.</summary>
    public static long? Number(string text)
    {
        var radix = 10;
        var digits = text;
        if (text.IndexOf('#', StringComparison.Ordinal) is > 0 and var hash)
        {
            if (!int.TryParse(text[..hash], NumberStyles.None, CultureInfo.InvariantCulture, out radix) || radix is < 2 or > 64) return null;
            digits = text[(hash + 1)..];
        }
        else if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            (radix, digits) = (16, text[2..]);
        }
        else if (text.Length > 1 && text[0] == '0')
        {
            (radix, digits) = (8, text[1..]);
        }
        if (digits.Length == 0) return null;
        var value = 0L;
        foreach (var c in digits)
        {
            var digit = c switch
            {
                >= '0' and <= '9' => c - '0',
                >= 'a' and <= 'z' => c - 'a' + 10,
                >= 'A' and <= 'Z' => c - 'A' + (radix <= 36 ? 10 : 36),
                '@' => 62,
                '_' => 63,
                _ => 99,
            };
            if (digit >= radix) return null;
            value = unchecked(value * radix + digit);
        }
        return value;
    }

    private static long Apply(string op, long left, long right) => unchecked(op switch
    {
        "||" => left != 0 || right != 0 ? 1 : 0,
        "&&" => left != 0 && right != 0 ? 1 : 0,
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => left == right ? 1 : 0,
        "!=" => left != right ? 1 : 0,
        "<" => left < right ? 1 : 0,
        ">" => left > right ? 1 : 0,
        "<=" => left <= right ? 1 : 0,
        ">=" => left >= right ? 1 : 0,
        "<<" => left << (int)(right & 63),
        ">>" => left >> (int)(right & 63),
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" or "%" when right == 0 => throw new ArithmeticException("divide by zero"),
        "/" => right == -1 ? -left : left / right,
        "%" => right == -1 ? 0 : left % right,
        _ => throw new ArithmeticException(SyntaxError),
    });

    private long Variable(string name) => _variables.Get(name) is { } text ? Number(text.Trim()) ?? Evaluate(text, _variables, _depth + 1) : 0;

    private long Store(string name, long value)
    {
        _variables.Set(name, value.ToString(CultureInfo.InvariantCulture));
        return value;
    }

    private string? Name()
    {
        if (_operator is not null || _position >= _text.Length || !(char.IsAsciiLetter(_text[_position]) || _text[_position] == '_')) return null;
        var start = _position;
        while (_position < _text.Length && (char.IsAsciiLetterOrDigit(_text[_position]) || _text[_position] == '_')) _position++;
        var name = _text[start.._position];
        Advance();
        return name;
    }

    /// <summary>Skips blanks and takes the operator that follows, if one does.</summary>
    private void Advance()
    {
        while (_position < _text.Length && (char.IsWhiteSpace(_text[_position]) || _text[_position] == '"')) _position++;
        _operator = null;
        foreach (var op in Operators)
        {
            if (string.CompareOrdinal(_text, _position, op, 0, op.Length) != 0) continue;
            _position += op.Length;
            _operator = op;
            return;
        }
    }
}
