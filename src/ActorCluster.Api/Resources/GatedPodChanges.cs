using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Resources;

/// <summary>What may change in a pod that is not to be scheduled yet: where it may go can be narrowed (ValidatePodUpdate, validateNodeSelectorMutation and
/// validateNodeAffinityMutation in pkg/apis/core/validation).</summary>
internal static class GatedPodChanges
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Path = $"spec.affinity.nodeAffinity.{Required}.nodeSelectorTerms";

    /// <summary>Checks the changes and takes them back in <paramref name="spec"/>, so that what else has changed shows.</summary>
    public static void Take(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (!before.GetObjects("schedulingGates").Any()) return;
        var selector = spec.GetStringMap("nodeSelector") ?? [];
        if ((before.GetStringMap("nodeSelector") ?? []).Any(label => selector.GetValueOrDefault(label.Key) != label.Value))
        {
            errors.Invalid("spec.nodeSelector", spec["nodeSelector"], "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        }
        spec.Put("nodeSelector", before["nodeSelector"]?.DeepClone());

        Affinity(spec.At("affinity", "nodeAffinity", Required) as JsonObject, before.At("affinity", "nodeAffinity", Required) as JsonObject, errors);
        if (spec.At("affinity", "nodeAffinity").SameAs(before.At("affinity", "nodeAffinity"))) return;
        spec.Ensure("affinity").Put("nodeAffinity", before.At("affinity", "nodeAffinity")?.DeepClone());
        if (spec.GetObject("affinity") is { Count: 0 } && !before.Has("affinity")) spec.Remove("affinity");
    }

    private static void Affinity(JsonObject? required, JsonObject? before, FieldErrors errors)
    {
        var (terms, known) = (required.GetObjects("nodeSelectorTerms").ToList(), before.GetObjects("nodeSelectorTerms").ToList());
        if (known.Count == 0) return;
        if (terms.Count != known.Count)
        {
            errors.Invalid(Path, required?["nodeSelectorTerms"], "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }
        for (var i = 0; i < terms.Count; i++)
        {
            if (!OnlyAdds(terms[i], known[i])) errors.Invalid($"{Path}[{i}]", terms[i], "only additions are allowed (no mutations or deletions)");
        }
    }

    /// <summary>An empty term matches nothing, and more requirements would make it match something.</summary>
    private static bool OnlyAdds(JsonObject term, JsonObject before)
    {
        var isEmpty = !before.GetObjects("matchExpressions").Any() && !before.GetObjects("matchFields").Any();
        return isEmpty
            ? !term.GetObjects("matchExpressions").Any() && !term.GetObjects("matchFields").Any()
            : Begins(term, before, "matchExpressions") && Begins(term, before, "matchFields");
    }

    private static bool Begins(JsonObject term, JsonObject before, string field)
    {
        var known = before.GetObjects(field).ToList();
        var now = term.GetObjects(field).Take(known.Count).ToList();
        return now.Count == known.Count && now.Zip(known).All(pair => pair.First.SameAs(pair.Second));
    }
}
