using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Resources;

/// <summary>matchLabelKeys and mismatchLabelKeys of affinity terms and spread constraints: labels whose values a pod has are selected, or not, by what
/// a new pod's own selector says then (pkg/registry/core/pod/strategy.go: mutatePodAffinity, mutateTopologySpreadConstraints).</summary>
internal static class MatchLabelKeys
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Puts the values of a new pod's labels into its selectors.</summary>
    public static void Merge(JsonObject pod)
    {
        var labels = ObjectMetadata.Of(pod).Labels ?? [];
        var spec = pod.GetObject("spec");
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            if (spec.At("affinity", kind) is not JsonObject affinity) continue;
            foreach (var term in affinity.GetObjects(Required).Concat(affinity.GetObjects(Preferred).Select(weighted => weighted.GetObject("podAffinityTerm")).OfType<JsonObject>()))
            {
                Merge(term, "matchLabelKeys", "In", labels);
                Merge(term, "mismatchLabelKeys", "NotIn", labels);
            }
        }
        foreach (var constraint in spec.GetObjects("topologySpreadConstraints")) Merge(constraint, "matchLabelKeys", "In", labels);
    }

    /// <summary>ValidateMatchLabelKeysAndMismatchLabelKeys in pkg/apis/core/validation; the selector may have what <see cref="Merge(JsonObject)"/> put into it.</summary>
    public static void Validate(JsonObject term, string path, FieldErrors errors)
    {
        var selector = term.GetObject("labelSelector");
        var keys = term.GetStrings("matchLabelKeys").ToList();
        Names(keys, selector, $"{path}.matchLabelKeys", errors);
        var mismatching = term.GetStrings("mismatchLabelKeys").ToList();
        Names(mismatching, selector, $"{path}.mismatchLabelKeys", errors);
        if (selector is not null)
        {
            var seen = (selector.GetStringMap("matchLabels")?.Keys ?? Enumerable.Empty<string>()).ToHashSet();
            foreach (var key in selector.GetObjects("matchExpressions").Select(expression => expression.GetString("key") ?? ""))
            {
                if (!seen.Add(key) && keys.IndexOf(key) is >= 0 and var index) errors.Invalid($"{path}[{index}]", key, "exists in both matchLabelKeys and labelSelector");
            }
        }
        for (var i = 0; i < keys.Count; i++)
        {
            if (mismatching.Contains(keys[i])) errors.Invalid($"{path}.matchLabelKeys[{i}]", keys[i], "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }

    private static void Merge(JsonObject term, string field, string op, SortedDictionary<string, string> labels)
    {
        if (term.GetObject("labelSelector") is not { } selector) return;
        foreach (var key in term.GetStrings(field))
        {
            if (!labels.TryGetValue(key, out var value)) continue;
            if (selector.GetArray("matchExpressions") is not { } expressions) selector["matchExpressions"] = expressions = [];
            expressions.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = op, ["values"] = JsonDocuments.ArrayOf(value) });
        }
    }

    private static void Names(List<string> keys, JsonObject? selector, string path, FieldErrors errors)
    {
        if (keys.Count == 0) return;
        if (selector is null)
        {
            errors.Forbidden(path, "must not be specified when labelSelector is not set");
            return;
        }
        for (var i = 0; i < keys.Count; i++)
        {
            foreach (var fault in Validation.Names.QualifiedName(keys[i])) errors.Invalid($"{path}[{i}]", keys[i], fault);
        }
    }
}
