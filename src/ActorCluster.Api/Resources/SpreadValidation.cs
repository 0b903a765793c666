using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>The rules of a pod's topologySpreadConstraints (pkg/apis/core/validation: validateTopologySpreadConstraints).</summary>
internal static class SpreadValidation
{
    private const string Hard = "DoNotSchedule";
    private const string Positive = "must be greater than zero";
    private static readonly string[] Policies = ["Honor", "Ignore"];

    public static void Validate(JsonObject spec, string path, FieldErrors errors)
    {
        var constraints = spec.GetObjects("topologySpreadConstraints").ToList();
        for (var i = 0; i < constraints.Count; i++)
        {
            var (constraint, at) = (constraints[i], $"{path}[{i}]");
            var (key, action) = KindOf(constraint);
            if (constraint.GetInteger("maxSkew") is not > 0) errors.Invalid($"{at}.maxSkew", constraint.GetInteger("maxSkew") ?? 0, Positive);
            if (key.Length == 0) errors.Required($"{at}.topologyKey", "can not be empty");
            if (action is not (Hard or "ScheduleAnyway")) errors.NotSupported($"{at}.whenUnsatisfiable", action, Hard, "ScheduleAnyway");
            if (constraints.Skip(i + 1).Any(other => KindOf(other) == (key, action))) errors.Duplicate($"{at}.{{topologyKey, whenUnsatisfiable}}", $"{{{key}, {action}}}");
            MinDomains(constraint, action, $"{at}.minDomains", errors);
            foreach (var policy in (ReadOnlySpan<string>)["nodeAffinityPolicy", "nodeTaintsPolicy"]) FieldRules.OneOf(constraint, policy, at, Policies, errors);
            MatchLabelKeys.Validate(constraint, at, errors);
            if (constraint.GetObject("labelSelector") is { } selector) FieldRules.LabelSelector(selector, $"{at}.labelSelector", errors);
        }
    }

    private static void MinDomains(JsonObject constraint, string action, string path, FieldErrors errors)
    {
        if (constraint.GetInteger("minDomains") is not { } least) return;
        if (least <= 0) errors.Invalid(path, least, Positive);
        if (action != Hard) errors.Invalid(path, least, $"can only use minDomains if whenUnsatisfiable={Hard}, not {action}");
    }

    private static (string Key, string Action) KindOf(JsonObject constraint) =>
        (constraint.GetString("topologyKey") ?? "", constraint.GetString("whenUnsatisfiable") ?? "");
}
