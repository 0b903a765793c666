using System.Globalization;
using k8s.Models;

namespace ActorCluster.Api.Selectors;

/// <summary>Node selectors: terms are alternatives, requirements of a term must all hold (k8s.io/component-helpers/scheduling/corev1/nodeaffinity).</summary>
public static class NodeSelectors
{
    /// <summary>spec.nodeSelector and the required node affinity.</summary>
    public static bool MatchesRequired(V1PodSpec spec, V1Node node)
    {
        if (spec.NodeSelector is { Count: > 0 } wanted && !wanted.All(pair => Label(node, pair.Key) == pair.Value)) return false;
        return spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required
            || (required.NodeSelectorTerms ?? []).Any(term => Matches(term, node));
    }

    /// <summary>An empty term matches nothing.</summary>
    public static bool Matches(V1NodeSelectorTerm term, V1Node node)
    {
        if ((term.MatchExpressions?.Count ?? 0) == 0 && (term.MatchFields?.Count ?? 0) == 0) return false;
        return (term.MatchExpressions ?? []).All(requirement => Matches(requirement, Label(node, requirement.Key)))
            && (term.MatchFields ?? []).All(requirement => requirement.Key == "metadata.name" && Matches(requirement, node.Metadata.Name));
    }

    private static string? Label(V1Node node, string key) =>
        node.Metadata.Labels is { } labels && labels.TryGetValue(key, out var value) ? value : null;

    private static bool Matches(V1NodeSelectorRequirement requirement, string? actual) => requirement.OperatorProperty switch
    {
        "In" => actual is not null && requirement.Values?.Contains(actual) == true,
        "NotIn" => actual is null || requirement.Values?.Contains(actual) != true,
        "Exists" => actual is not null,
        "DoesNotExist" => actual is null,
        "Gt" => Compare(actual, requirement.Values) > 0,
        "Lt" => Compare(actual, requirement.Values) < 0,
        _ => false,
    };

    private static int Compare(string? actual, IList<string>? values) =>
        values is [var limit]
        && long.TryParse(actual, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(limit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right) ? left.CompareTo(right) : 0;
}
