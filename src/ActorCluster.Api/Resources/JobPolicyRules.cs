using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Batch;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>A Job's policies: what its pods' failures mean, and which indexes are enough (pkg/apis/batch/validation).</summary>
internal static class JobPolicyRules
{
    private const int MostRules = 20;
    private const int MostExitCodes = 255;
    private const int MostConditions = 20;
    private const int MostIndexesLength = 64 * 1024;

    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];
    private static readonly string[] Operators = ["In", "NotIn"];
    private static readonly string[] Statuses = ["False", "True", "Unknown"];

    public static void PodFailurePolicy(JsonObject spec, JsonObject policy, string path, FieldErrors errors)
    {
        var rules = policy.GetObjects("rules").ToList();
        if (rules.Count > MostRules) errors.TooMany($"{path}.rules", rules.Count, MostRules);
        var containers = PodDefaults.Containers(spec.At("template", "spec") as JsonObject ?? []).Select(container => container.GetString("name")).ToHashSet();
        for (var i = 0; i < rules.Count; i++) PodFailureRule(spec, rules[i], containers, $"{path}.rules[{i}]", errors);
    }

    public static void SuccessPolicy(JsonObject spec, JsonObject policy, string path, FieldErrors errors)
    {
        var rules = policy.GetObjects("rules").ToList();
        if (rules.Count == 0) errors.Required($"{path}.rules", "at least one rules must be specified when the successPolicy is specified");
        if (rules.Count > MostRules) errors.TooMany($"{path}.rules", rules.Count, MostRules);
        for (var i = 0; i < rules.Count; i++) SuccessRule(rules[i], (int)(spec.GetInteger("completions") ?? 0), $"{path}.rules[{i}]", errors);
    }

    private static void PodFailureRule(JsonObject spec, JsonObject rule, HashSet<string?> containers, string path, FieldErrors errors)
    {
        if (RequiredOneOf(rule, "action", path, Actions, errors) == "FailIndex" && !spec.Has("backoffLimitPerIndex"))
        {
            errors.Invalid($"{path}.action", "FailIndex", "requires the backoffLimitPerIndex to be set");
        }
        var conditions = rule.GetObjects("onPodConditions").ToList();
        var exitCodes = rule.GetObject("onExitCodes");
        if (exitCodes is not null) ExitCodes(exitCodes, containers, $"{path}.onExitCodes", errors);
        if (conditions.Count > MostConditions) errors.TooMany($"{path}.onPodConditions", conditions.Count, MostConditions);
        for (var i = 0; i < conditions.Count; i++) Condition(conditions[i], $"{path}.onPodConditions[{i}]", errors);
        if (exitCodes is not null && conditions.Count > 0) errors.InvalidState(path, "specifying both OnExitCodes and OnPodConditions is not supported");
        if (exitCodes is null && conditions.Count == 0) errors.InvalidState(path, "specifying one of OnExitCodes and OnPodConditions is required");
    }

    private static void ExitCodes(JsonObject requirement, HashSet<string?> containers, string path, FieldErrors errors)
    {
        var comparison = RequiredOneOf(requirement, "operator", path, Operators, errors);
        if (requirement.GetString("containerName") is { } container && !containers.Contains(container))
        {
            errors.Invalid($"{path}.containerName", container, "must be one of the container or initContainer names in the pod template");
        }
        var values = (requirement.GetArray("values") ?? []).Select(value => JsonDocuments.AsInteger(value) ?? 0).ToList();
        if (values.Count == 0) errors.Invalid($"{path}.values", new JsonArray(), "at least one value is required");
        if (values.Count > MostExitCodes) errors.TooMany($"{path}.values", values.Count, MostExitCodes);
        for (var i = 0; i < values.Count; i++)
        {
            if (comparison == "In" && values[i] == 0) errors.Invalid($"{path}.values[{i}]", 0, "must not be 0 for the In operator");
            if (values.IndexOf(values[i]) < i) errors.Duplicate($"{path}.values[{i}]", values[i]);
        }
        if (!values.Order().SequenceEqual(values)) errors.Invalid($"{path}.values", requirement["values"], "must be ordered");
    }

    private static void Condition(JsonObject pattern, string path, FieldErrors errors)
    {
        var type = pattern.GetString("type") ?? "";
        foreach (var fault in Names.QualifiedName(type)) errors.Invalid($"{path}.type", type, fault);
        RequiredOneOf(pattern, "status", path, Statuses, errors);
    }

    private static void SuccessRule(JsonObject rule, int completions, string path, FieldErrors errors)
    {
        var indexes = rule.GetString("succeededIndexes");
        var count = rule.GetInteger("succeededCount");
        if (indexes is null && count is null) errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        var total = 0;
        if (indexes is not null)
        {
            if (indexes.Length > MostIndexesLength) errors.TooLong($"{path}.succeededIndexes", MostIndexesLength);
            if (IndexIntervals.Fault(indexes, completions, out total) is { } fault) errors.Invalid($"{path}.succeededIndexes", indexes, $"error parsing succeededIndexes: {fault}");
        }
        if (count is null) return;
        FieldRules.NonNegative(rule, "succeededCount", path, errors);
        if (count > completions)
        {
            errors.Invalid($"{path}.succeededCount", count,
                string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {completions} (the number of specified completions)"));
        }
        if (indexes is not null && count > total)
        {
            errors.Invalid($"{path}.succeededCount", count,
                string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"));
        }
    }

    private static string? RequiredOneOf(JsonObject parent, string name, string path, string[] values, FieldErrors errors)
    {
        var value = parent.GetString(name) ?? "";
        if (value.Length == 0) errors.Required($"{path}.{name}", $"valid values: [{string.Join(' ', values.Select(FieldError.GoQuote))}]");
        else if (!values.Contains(value)) errors.NotSupported($"{path}.{name}", value, values);
        return value;
    }
}
