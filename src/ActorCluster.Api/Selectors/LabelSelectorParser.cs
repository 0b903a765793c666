using System.Collections.Immutable;
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
        if (!IsIdentifier(key)) throw new FormatException($"unable to parse requirement: found '{key}', expected: identifier");
        if (Names.QualifiedName(key).FirstOrDefault() is { } fault) throw new FormatException($"unable to parse requirement: key: Invalid value: \"{key}\": {fault}");
        if (negated) return new LabelRequirement(key, SelectorOperator.DoesNotExist, []);
        if (Peek() is "" or ",") return new LabelRequirement(key, SelectorOperator.Exists, []);
        var op = Take();
        switch (op)
        {
            case "=" or "==":
                return Checked(key, SelectorOperator.In, [Value()]);
            case "!=":
                return Checked(key, SelectorOperator.NotIn, [Value()]);
            case ">" or "<":
                var bound = Value();
                if (!long.TryParse(bound, out _))
                {
                    throw new FormatException($"unable to parse requirement: values[0][{key}]: Invalid value: \"{bound}\": for 'Gt', 'Lt' operators, the value must be an integer");
                }
                return new LabelRequirement(key, op == ">" ? SelectorOperator.GreaterThan : SelectorOperator.LessThan, [bound]);
            case "in":
                return Checked(key, SelectorOperator.In, Values());
            case "notin":
                return Checked(key, SelectorOperator.NotIn, Values());
            default:
                throw new FormatException($"unable to parse requirement: found '{op}', expected: in, notin, =, ==, !=, gt, lt");
        }
    }

    private static LabelRequirement Checked(string key, SelectorOperator op, ImmutableArray<string> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (Names.LabelValue(values[i]).FirstOrDefault() is { } fault)
            {
                throw new FormatException($"unable to parse requirement: values[{i}][{key}]: Invalid value: \"{values[i]}\": {fault}");
            }
        }
        return new LabelRequirement(key, op, values);
    }

    // An empty value ("a=") is a value.
    private string Value() => Peek() is "" or "," ? "" : Identifier();

    private string Identifier()
    {
        var token = Take();
        return IsIdentifier(token) ? token : throw new FormatException($"unable to parse requirement: found '{token}', expected: identifier");
    }

    private ImmutableArray<string> Values()
    {
        if (Take() is var open and not "(") throw new FormatException($"unable to parse requirement: found '{open}' expected: '('");
        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            if (Peek() is "," or ")") values.Add("");
            else values.Add(Identifier());
            var separator = Take();
            if (separator == ")") return [.. values];
            if (separator != ",") throw new FormatException($"unable to parse requirement: found '{separator}', expected: ',' or ')'");
        }
    }

    private string Peek() => _next < _tokens.Count ? _tokens[_next] : "";

    private string Take() => _next < _tokens.Count ? _tokens[_next++] : "";

    private static bool IsIdentifier(string token) => token.Length > 0 && !Symbols.Contains(token);

    private static List<string> Tokenize(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
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
            while (i < text.Length && !char.IsWhiteSpace(text[i]) && "!=(),><".IndexOf(text[i], StringComparison.Ordinal) < 0) i++;
            tokens.Add(text[at..i]);
        }
        return tokens;
    }
}
