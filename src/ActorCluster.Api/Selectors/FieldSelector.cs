using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Api.Selectors;

/// <param name="Negated">!= instead of =.</param>
public readonly record struct FieldRequirement(string Field, string Value, bool Negated);

/// <summary>A field selector: <c>a=b,c!=d</c>, all of which must hold (apimachinery/pkg/fields/selector.go). Immutable.</summary>
public sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    private FieldSelector(ImmutableArray<FieldRequirement> requirements) => Requirements = requirements;

    public ImmutableArray<FieldRequirement> Requirements { get; }

    public bool IsEverything => Requirements.IsEmpty;

    /// <param name="valueOf">The value of a field; null counts as "".</param>
    public bool Matches(Func<string, string?> valueOf)
    {
        foreach (var requirement in Requirements)
        {
            if (string.Equals(valueOf(requirement.Field) ?? "", requirement.Value, StringComparison.Ordinal) == requirement.Negated) return false;
        }
        return true;
    }

    /// <summary>The value that a field must have, if the selector demands exactly one.</summary>
    public string? RequiredValue(string field)
    {
        foreach (var requirement in Requirements)
        {
            if (requirement.Field == field && !requirement.Negated) return requirement.Value;
        }
        return null;
    }

    /// <exception cref="FormatException">In upstream's words.</exception>
    public static FieldSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        var requirements = ImmutableArray.CreateBuilder<FieldRequirement>();
        foreach (var term in SplitTerms(text))
        {
            if (term.Length == 0) continue;
            var at = FindOperator(term, out var length, out var negated);
            if (at < 0) throw new FormatException($"invalid selector: '{text}'; can't understand '{term}'");
            requirements.Add(new FieldRequirement(term[..at], Unescape(term[(at + length)..]), negated));
        }
        return new FieldSelector(requirements.ToImmutable());
    }

    /// <summary>The same of fields that are called otherwise elsewhere.</summary>
    public FieldSelector Renamed(Func<string, string> nameOf) => new([.. Requirements.Select(requirement => requirement with { Field = nameOf(requirement.Field) })]);

    private static int FindOperator(string term, out int length, out bool negated)
    {
        for (var i = 0; i < term.Length; i++)
        {
            negated = term[i] == '!' && i + 1 < term.Length && term[i + 1] == '=';
            if (negated || (term[i] == '=' && i + 1 < term.Length && term[i + 1] == '='))
            {
                length = 2;
                return i;
            }
            if (term[i] != '=') continue;
            length = 1;
            return i;
        }
        length = 0;
        negated = false;
        return -1;
    }

    private static List<string> SplitTerms(string text)
    {
        var terms = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == ',')
            {
                terms.Add(text[start..i]);
                start = i + 1;
            }
        }
        terms.Add(text[start..]);
        return terms;
    }

    private static string Unescape(string value)
    {
        if (value.IndexOfAny(['\\', '=', ',']) < 0) return value;
        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            // Go prints the character's number.
            if (c is '=' or ',') throw new FormatException($"invalid field selector: unescaped character in value: {(int)c}");
            if (c == '\\')
            {
                if (++i == value.Length || value[i] is not ('\\' or '=' or ','))
                {
                    throw new FormatException($"invalid field selector: invalid escape sequence: {Escape(value, i - 1)}");
                }
                c = value[i];
            }
            plain.Append(c);
        }
        return plain.ToString();
    }

    // The backslash with the whole character behind it, if there is one.
    private static string Escape(string value, int at) =>
        at + 1 < value.Length && Rune.TryGetRuneAt(value, at + 1, out var rune) ? $"\\{rune}" : "\\";
}
