using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Resources;

/// <summary>A pod's spec is fixed but for a few fields (pkg/apis/core/validation, ValidatePodUpdate).</summary>
internal static class PodUpdateValidation
{
    private const string Allowed = "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Validate(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        var spec = (JsonObject)pod.Ensure("spec").DeepClone();
        var before = old.Ensure("spec");
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if (spec.GetObjects(list).Count() != before.GetObjects(list).Count())
            {
                errors.Forbidden($"spec.{list}", "pod updates may not add or remove containers");
                return;
            }
            foreach (var (container, was) in spec.GetObjects(list).Zip(before.GetObjects(list))) container.Put("image", was["image"]?.DeepClone());
        }
        if (!ActiveDeadline(spec, before, errors)) return;
        if (!OnlyAddsTolerations(spec, before)) errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        var gates = before.GetObjects("schedulingGates").Select(g => g.GetString("name")).ToHashSet();
        foreach (var gate in spec.GetObjects("schedulingGates").Select(g => g.GetString("name")).Where(g => !gates.Contains(g)))
        {
            errors.Forbidden("spec.schedulingGates", $"only deletion is allowed, but found new scheduling gate '{gate}'");
        }
        foreach (var field in (ReadOnlySpan<string>)["activeDeadlineSeconds", "schedulingGates", "tolerations"]) spec.Put(field, before[field]?.DeepClone());
        if (before.GetInteger("terminationGracePeriodSeconds") < 0 && spec.GetInteger("terminationGracePeriodSeconds") == 1)
        {
            spec.Put("terminationGracePeriodSeconds", before["terminationGracePeriodSeconds"]?.DeepClone());
        }
        GatedPodChanges.Take(spec, before, errors);
        if (!spec.SameAs(before)) errors.Forbidden("spec", $"pod updates may not change fields other than {Allowed}\n{Differences(before, spec)}");
    }

    private static bool ActiveDeadline(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        var old = before.GetInteger("activeDeadlineSeconds");
        switch (spec.GetInteger("activeDeadlineSeconds"))
        {
            case < 0 or > int.MaxValue:
                errors.Invalid("spec.activeDeadlineSeconds", spec["activeDeadlineSeconds"], Validation.Names.Between(0, int.MaxValue));
                return false;
            case { } now when old < now:
                errors.Invalid("spec.activeDeadlineSeconds", now, "must be less than or equal to previous value");
                return false;
            case null when old is not null:
                errors.Invalid("spec.activeDeadlineSeconds", null, "must not update from a positive integer to nil value");
                return true;
            default:
                return true;
        }
    }

    private static bool OnlyAddsTolerations(JsonObject spec, JsonObject before)
    {
        return before.GetObjects("tolerations").All(old => spec.GetObjects("tolerations").Any(t => Bare(t).SameAs(Bare(old))));

        static JsonNode Bare(JsonObject toleration)
        {
            var copy = (JsonObject)toleration.DeepClone();
            copy.Remove("tolerationSeconds");
            return copy;
        }
    }

    /// <summary>The fields that differ, as lines of a diff.</summary>
    private static string Differences(JsonObject before, JsonObject after)
    {
        var names = before.Select(p => p.Key).Union(after.Select(p => p.Key)).Where(n => !before[n].SameAs(after[n])).Order(StringComparer.Ordinal);
        var lines = names.SelectMany(n => new[] { ("-", before[n]), ("+", after[n]) }
            .Where(side => side.Item2 is not null)
            .Select(side => $"{side.Item1} \t{n}: {side.Item2!.ToJsonString(JsonDocuments.CompactJson)}"));
        return string.Join('\n', lines);
    }
}
