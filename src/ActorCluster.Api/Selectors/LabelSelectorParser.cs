using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Selectors;

/// <summary>The grammar of apimachinery/pkg/labels/selector.go: requirements separated by commas.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private static readonly string[] Symbols = ["!=", "==", "=", "!", "(", ")", ",", ">", "<"];
    private readonly List<string> _tokens = Tokenize(text);
    private int _next;

    public ImmutableArray<LabelRequirement> Parse()
    {
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        if (_tokens.Count == 0) return [];
        while (true)
        {
            var token = Peek();
            if (!IsIdentifier(token) && token != "!") throw new FormatException($"found '{token}', expected: !, identifier, or 'end of string'");
            requirements.Add(Requirement());
            switch (Take())
            {
                case "":
                    return requirements.ToImmutable();
                case ",":
                    var following = Peek();
                    if (!IsIdentifier(following) && following != "!") throw new FormatException($"found '{following}', expected: identifier after ','");
                    break;
                case var other:
                    throw new FormatException($"found '{other}', expected: ',' or 'end of string'");
            }
        }
    }

    private LabelRequirement Requirement()
    {
        var negated = Peek() == "!";
        if (negated) Take();
        var key = Take();
        if (!IsIdentifier(key)) throw Unparsable($"found '{key}', expected: identifier");
        // Upstream prints the absent path of the key.
        if (string.Join("; ", Names.QualifiedName(key)) is { Length: > 0 } fault) throw Unparsable($"<nil>: Invalid value: {FieldError.GoQuote(key)}: {fault}");
        if (negated) return new LabelRequirement(key, SelectorOperator.DoesNotExist, []);
        if (Peek() is "" or ",") return new LabelRequirement(key, SelectorOperator.Exists, []);
        var op = Take();
        switch (op)
        {
            case "=" or "==":
                return Checked(key, SelectorOperator.In, [Value()]);
            case "!=":
                return Checked(key, SelectorOperator.NotIn, [Value()]);
            case ">":
                return Checked(key, SelectorOperator.GreaterThan, [Value()]);
            case "<":
                return Checked(key, SelectorOperator.LessThan, [Value()]);
            case "in":
                return Checked(key, SelectorOperator.In, Values());
            case "notin":
                return Checked(key, SelectorOperator.NotIn, Values());
            default:
                throw Unparsable($"found '{op}', expected: in, notin, =, ==, !=, gt, lt");
        }
    }

    private static LabelRequirement Checked(string key, SelectorOperator op, ImmutableArray<string> values)
    {
        var faults = new List<string>();
        for (var i = 0; i < values.Length; i++)
        {
            var shown = FieldError.GoQuote(values[i]);
            if (op is SelectorOperator.GreaterThan or SelectorOperator.LessThan
                && !long.TryParse(values[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                faults.Add($"values[{i}]: Invalid value: {shown}: for 'Gt', 'Lt' operators, the value must be an integer");
            }
            if (string.Join("; ", Names.LabelValue(values[i])) is { Length: > 0 } fault) faults.Add($"values[{i}][{key}]: Invalid value: {shown}: {fault}");
        }
        return faults.Count switch
        {
            0 => new LabelRequirement(key, op, values),
            1 => throw Unparsable(faults[0]),
            _ => throw Unparsable($"[{string.Join(", ", faults)}]"),
        };
    }

    private static FormatException Unparsable(string fault) => new($"unable to parse requirement: {fault}");

    // An empty value ("a=") is a value.
    private string Value() => Peek() is "" or "," ? "" : Identifier();

    private string Identifier()
    {
        var token = Take();
        return IsIdentifier(token) ? token : throw Unparsable($"found '{token}', expected: identifier");
    }

    private ImmutableArray<string> Values()
    {
        if (Take() is var open and not "(") throw Unparsable($"found '{open}' expected: '('");
        if (Peek() is var first && !IsIdentifier(first) && first is not ("," or ")")) throw Unparsable($"found '{first}', expected: ',', ')' or identifier");
        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            if (Peek() is "," or ")") values.Add("");
            else values.Add(Identifier());
            var separator = Take();
            if (separator == ")") return [.. values];
            if (separator != ",") throw Unparsable($"found '{separator}', expected: ',' or ')'");
        }
    }

    private string Peek() => _next < _tokens.Count ? _tokens[_next] : "";

    private string Take() => _next < _tokens.Count ? _tokens[_next++] : "";

    private static bool IsIdentifier(string token) => token.Length > 0 && !Symbols.Contains(token);

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static List<string> Tokenize(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (IsBlank(text[i]))
            {
                i++;
                continue;
            }
            var at = i;
            var symbol = Array.Find(Symbols, s => string.CompareOrdinal(text, at, s, 0, s.Length) == 0);
            if (symbol is not null)
            {
                tokens.Add(symbol);
                i += symbol.Length;
                continue;
            }
            while (i < text.Length && !IsBlank(text[i]) && "!=(),><".IndexOf(text[i], StringComparison.Ordinal) < 0) i++;
            tokens.Add(text[at..i]);
        }
        return tokens;
    }
}
