using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Selectors;

public enum SelectorOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One condition on one label.</summary>
public sealed record LabelRequirement(string Key, SelectorOperator Operator, ImmutableArray<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var has = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            SelectorOperator.In => has && Values.Contains(value!),
            SelectorOperator.NotIn => !has || !Values.Contains(value!),
            SelectorOperator.Exists => has,
            SelectorOperator.DoesNotExist => !has,
            _ => has && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && long.TryParse(Values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bound)
                && (Operator == SelectorOperator.GreaterThan ? number > bound : number < bound),
        };
    }

    public override string ToString() => Operator switch
    {
        SelectorOperator.Exists => Key,
        SelectorOperator.DoesNotExist => $"!{Key}",
        SelectorOperator.GreaterThan => $"{Key}>{Values[0]}",
        SelectorOperator.LessThan => $"{Key}<{Values[0]}",
        SelectorOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        SelectorOperator.NotIn when Values.Length == 1 => $"{Key}!={Values[0]}",
        SelectorOperator.In => $"{Key} in ({string.Join(',', Values)})",
        _ => $"{Key} notin ({string.Join(',', Values)})",
    };
}

/// <summary>A label selector: all its requirements must hold. Immutable.</summary>
/// <remarks>The textual grammar is that of apimachinery/pkg/labels/selector.go.</remarks>
public sealed class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    /// <summary>What an absent selector means in most specs: nothing matches.</summary>
    public static readonly LabelSelector Nothing = new([], matchesNothing: true);

    private readonly bool _matchesNothing;

    private LabelSelector(ImmutableArray<LabelRequirement> requirements, bool matchesNothing = false)
    {
        Requirements = [.. requirements.OrderBy(r => r.Key, StringComparer.Ordinal)];
        _matchesNothing = matchesNothing;
    }

    public ImmutableArray<LabelRequirement> Requirements { get; }

    public bool IsEverything => !_matchesNothing && Requirements.IsEmpty;

    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        if (_matchesNothing) return false;
        labels ??= ImmutableSortedDictionary<string, string>.Empty;
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels)) return false;
        }
        return true;
    }

    /// <summary>The textual form, as it goes into a query or a Scale's status.selector.</summary>
    public override string ToString() => string.Join(',', Requirements);

    /// <summary>Reads <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;1</c>; empty or null selects everything.</summary>
    /// <exception cref="FormatException">In upstream's words.</exception>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        return new LabelSelector(new LabelSelectorParser(text).Parse());
    }

    /// <summary>A plain map of labels (a Service's selector).</summary>
    public static LabelSelector FromMap(IEnumerable<KeyValuePair<string, string>>? labels) =>
        labels is null ? Everything : new LabelSelector([.. labels.Select(l => new LabelRequirement(l.Key, SelectorOperator.In, [l.Value]))]);

    /// <summary>A metav1.LabelSelector as a document; null selects nothing, an empty one everything.</summary>
    public static LabelSelector FromDocument(JsonObject? selector)
    {
        if (selector is null) return Nothing;
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        foreach (var (key, value) in selector.GetStringMap("matchLabels") ?? []) requirements.Add(new LabelRequirement(key, SelectorOperator.In, [value]));
        foreach (var expression in selector.GetObjects("matchExpressions"))
        {
            requirements.Add(FromExpression(expression.GetString("key") ?? "", expression.GetString("operator") ?? "", expression.GetStrings("values")));
        }
        return new LabelSelector(requirements.ToImmutable());
    }

    /// <summary>The typed form of the official models; null selects nothing, an empty one everything.</summary>
    public static LabelSelector FromModel(k8s.Models.V1LabelSelector? selector)
    {
        if (selector is null) return Nothing;
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        foreach (var (key, value) in selector.MatchLabels ?? new Dictionary<string, string>()) requirements.Add(new LabelRequirement(key, SelectorOperator.In, [value]));
        foreach (var expression in selector.MatchExpressions ?? [])
        {
            requirements.Add(FromExpression(expression.Key, expression.OperatorProperty, expression.Values ?? []));
        }
        return new LabelSelector(requirements.ToImmutable());
    }

    private static LabelRequirement FromExpression(string key, string name, IEnumerable<string> values) => new(key, name switch
    {
        "In" => SelectorOperator.In,
        "NotIn" => SelectorOperator.NotIn,
        "Exists" => SelectorOperator.Exists,
        "DoesNotExist" => SelectorOperator.DoesNotExist,
        _ => throw new FormatException($"\"{name}\" is not a valid label selector operator"),
    }, [.. values]);
}
