using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Tools;

/// <summary>expr (POSIX): integer arithmetic, comparisons and matches on its arguments.</summary>
internal sealed class Expr
{
    public static readonly Tool Tool = new(
        "expr",
        "EXPRESSION\n\nPrint the value of EXPRESSION\n\n\tARG1 | ARG2, ARG1 & ARG2\n\tARG1 < ARG2 (and <=, =, !=, >=, >)\n\tARG1 + ARG2 (and -, *, /, %)\n\tSTRING : REGEXP, match STRING REGEXP\n\tsubstr STRING POS LENGTH\n\tindex STRING CHARS\n\tlength STRING\n\tquote TOKEN\n\t( EXPRESSION )",
        RunAsync)
    {
        UsageStatus = 2,
    };

    private const int DepthLimit = 200;

    private readonly IReadOnlyList<string> _words;
    private int _at;
    private int _depth;

    private Expr(IReadOnlyList<string> words) => _words = words;

    private static async Task<int> RunAsync(ToolContext tool)
    {
        if (tool.Arguments.Count == 0) throw new ToolException("too few arguments", 2);
        var expression = new Expr(tool.Arguments);
        var value = expression.Or();
        if (expression._at < expression._words.Count) throw Syntax();
        await tool.Out.WriteTextAsync(value + "\n");
        return IsTrue(value) ? 0 : 1;
    }

    private static ToolException Syntax() => new("syntax error", 2);

    private static bool IsTrue(string value) => value.Length > 0 && !(long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number == 0);

    private static long Number(string value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new ToolException("non-numeric argument", 2);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private string? Operator(params ReadOnlySpan<string> any) => _at < _words.Count && any.Contains(_words[_at]) ? _words[_at++] : null;

    private string Or()
    {
        if (++_depth > DepthLimit) throw Syntax();
        var left = And();
        while (Operator("|") is not null)
        {
            var right = And();
            if (!IsTrue(left)) left = right;
        }
        _depth--;
        return left;
    }

    private string And()
    {
        var left = Compare();
        while (Operator("&") is not null)
        {
            var right = Compare();
            if (!IsTrue(left) || !IsTrue(right)) left = "0";
        }
        return left;
    }

    private string Compare()
    {
        var left = Sum();
        while (Operator("<", "<=", "=", "==", "!=", ">=", ">") is { } op)
        {
            var right = Sum();
            var numbers = long.TryParse(left, CultureInfo.InvariantCulture, out var l) & long.TryParse(right, CultureInfo.InvariantCulture, out var r);
            var order = numbers ? l.CompareTo(r) : string.CompareOrdinal(left, right);
            left = op switch { "<" => order < 0, "<=" => order <= 0, ">=" => order >= 0, ">" => order > 0, "!=" => order != 0, _ => order == 0 } ? "1" : "0";
        }
        return left;
    }

    private string Sum()
    {
        var left = Product();
        while (Operator("+", "-") is { } op)
        {
            var right = Product();
            left = Text(unchecked(op == "+" ? Number(left) + Number(right) : Number(left) - Number(right)));
        }
        return left;
    }

    private string Product()
    {
        var left = Match();
        while (Operator("*", "/", "%") is { } op)
        {
            var (l, r) = (Number(left), Number(Match()));
            if (r == 0 && op != "*") throw new ToolException("division by zero", 2);
            left = Text(unchecked(op switch { "*" => l * r, "/" => r == -1 ? -l : l / r, _ => r == -1 ? 0 : l % r }));
        }
        return left;
    }

    private string Match()
    {
        var left = Primary();
        while (Operator(":") is not null) left = Matched(left, Primary());
        return left;
    }

    /// <summary>What \( \) took, or how many characters matched; always from the start.</summary>
    private static string Matched(string text, string pattern)
    {
        try
        {
            // Only a match at the start counts, whatever alternatives the pattern has.
            var regex = PosixRegex.Compile(pattern.StartsWith('^') ? pattern : "^" + pattern, extended: false, ignoreCase: false);
            var match = regex.Match(text);
            if (regex.GetGroupNumbers().Length > 1) return match.Success ? match.Groups[1].Value : "";
            return Text(match.Success ? match.Length : 0);
        }
        catch (Exception fault) when (fault is PosixRegexException or RegexMatchTimeoutException)
        {
            throw new ToolException(fault.Message, 2);
        }
    }

    private string Next() => _at < _words.Count ? _words[_at++] : throw Syntax();

    private string Primary()
    {
        var word = Next();
        switch (word)
        {
            case "(":
                var value = Or();
                if (Operator(")") is null) throw Syntax();
                return value;
            case ")": throw Syntax();
            case "quote": return Next();
            case "length": return Text(Primary().Length);
            case "match": return Matched(Primary(), Primary());
            case "index":
                var (text, characters) = (Primary(), Primary());
                return Text(text.AsSpan().IndexOfAny(characters) + 1);
            case "substr":
                var (whole, start, length) = (Primary(), Number(Primary()), Number(Primary()));
                if (start < 1 || length < 1 || start > whole.Length) return "";
                return whole.Substring((int)start - 1, (int)Math.Min(length, whole.Length - start + 1));
            default: return word;
        }
    }
}
