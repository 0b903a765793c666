using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Which labels a selector in an object's spec selects (k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector).</summary>
internal static class LabelSelectors
{
    /// <summary>A null selector selects nothing, an empty one everything.</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        if (selector is null) return false;
        if (selector.MatchLabels is { } matchLabels && !ContainsAll(labels, matchLabels)) return false;
        return selector.MatchExpressions is not { } expressions || expressions.All(e => Matches(e.Key, e.OperatorProperty, e.Values, labels));
    }

    /// <summary>A Service's selector: all of these labels. An absent or empty one selects nothing.</summary>
    public static bool MatchesService(IDictionary<string, string>? selector, IDictionary<string, string>? labels) =>
        selector is { Count: > 0 } && ContainsAll(labels, selector);

    public static bool ContainsAll(IDictionary<string, string>? labels, IDictionary<string, string> wanted)
    {
        foreach (var (key, value) in wanted)
        {
            if (labels is null || !labels.TryGetValue(key, out var actual) || actual != value) return false;
        }

        return true;
    }

    public static bool IsEmpty(V1LabelSelector? selector) =>
        selector is not null && (selector.MatchLabels?.Count ?? 0) == 0 && (selector.MatchExpressions?.Count ?? 0) == 0;

    private static bool Matches(string key, string op, IList<string>? values, IDictionary<string, string>? labels)
    {
        string? actual = null;
        var exists = labels is not null && labels.TryGetValue(key, out actual);
        return op switch
        {
            "In" => exists && values is not null && values.Contains(actual!),
            "NotIn" => !exists || values is null || !values.Contains(actual!),
            "Exists" => exists,
            "DoesNotExist" => !exists,
            _ => false,
        };
    }
}
