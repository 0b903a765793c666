using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>The spec of a Job, in a Job or in a CronJob's template (validateJobSpec in pkg/apis/batch/validation).</summary>
internal static class JobSpecRules
{
    public const int ManyCompletions = 100_000;
    public const int MostParallelismOfMany = 10_000;

    private const int MostParallelism = 100_000;
    private const int MostFailedIndexes = 100_000;
    private const int MostFailedIndexesOfMany = 10_000;
    private const int MostManagedByLength = 63;

    private static readonly string[] Counts = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"];

    /// <summary>What both kinds default: the pods, and the conditions of the failure policy.</summary>
    public static void ApplyDefaults(JsonObject spec)
    {
        PodTemplates.ApplyDefaults(spec);
        foreach (var rule in spec.GetObject("podFailurePolicy").GetObjects("rules"))
        {
            foreach (var pattern in rule.GetObjects("onPodConditions")) pattern.Default("status", "True");
        }
    }

    public static bool IsIndexed(JsonObject spec) => spec.GetString("completionMode") == "Indexed";

    public static void Validate(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var name in Counts) FieldRules.NonNegative(spec, name, path, errors);
        if (spec.Has("maxFailedIndexes") && !spec.Has("backoffLimitPerIndex")) errors.Required($"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified");
        if (spec.GetString("managedBy") is { } manager)
        {
            FieldRules.DomainPrefixedPath(manager, $"{path}.managedBy", errors);
            if (manager.Length > MostManagedByLength) errors.TooLong($"{path}.managedBy", MostManagedByLength);
        }
        Mode(spec, path, errors);
        if (spec.GetObject("podFailurePolicy") is { } failures) JobPolicyRules.PodFailurePolicy(spec, failures, $"{path}.podFailurePolicy", errors);
        if (spec.GetObject("successPolicy") is { } success)
        {
            if (IsIndexed(spec)) JobPolicyRules.SuccessPolicy(spec, success, $"{path}.successPolicy", errors);
            else errors.Invalid($"{path}.successPolicy", success, "requires indexed completion mode");
        }
        if (spec.GetString("podReplacementPolicy") is { } replacement)
        {
            string[] supported = spec.Has("podFailurePolicy") ? ["Failed"] : ["Failed", "TerminatingOrFailed"];
            if (!supported.Contains(replacement)) errors.NotSupported($"{path}.podReplacementPolicy", replacement, supported);
        }
        PodTemplates.ValidateTemplate(spec.GetObject("template"), $"{path}.template", errors);
        RestartPolicy(spec, $"{path}.template.spec.restartPolicy", errors);
    }

    public static IEnumerable<string> Warnings(JsonObject spec, string path)
    {
        if (IsIndexed(spec) && spec.GetInteger("completions") > ManyCompletions && spec.GetInteger("parallelism") > MostParallelismOfMany)
        {
            yield return $"{path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track "
                + "completedIndexes when a big number of indexes fail";
        }
    }

    private static void Mode(JsonObject spec, string path, FieldErrors errors)
    {
        switch (spec.GetString("completionMode"))
        {
            case "Indexed":
                Indexed(spec, path, errors);
                return;
            case null or "NonIndexed":
                foreach (var name in (ReadOnlySpan<string>)["backoffLimitPerIndex", "maxFailedIndexes"])
                {
                    if (spec.GetInteger(name) is { } value) errors.Invalid($"{path}.{name}", value, "requires indexed completion mode");
                }
                return;
            case var mode:
                errors.NotSupported($"{path}.completionMode", mode, "NonIndexed", "Indexed");
                return;
        }
    }

    private static void Indexed(JsonObject spec, string path, FieldErrors errors)
    {
        var completions = spec.GetInteger("completions");
        var failed = spec.GetInteger("maxFailedIndexes");
        if (completions is null) errors.Required($"{path}.completions", "when completion mode is Indexed");
        AtMost(spec, "parallelism", MostParallelism, " when completion mode is Indexed", path, errors);
        if (failed > completions) errors.Invalid($"{path}.maxFailedIndexes", failed, "must be less than or equal to completions");
        AtMost(spec, "maxFailedIndexes", MostFailedIndexes, "", path, errors);
        if (completions is not > ManyCompletions || !spec.Has("backoffLimitPerIndex")) return;
        var ofMany = string.Create(CultureInfo.InvariantCulture, $" when completions are above {ManyCompletions} and used with backoff limit per index");
        if (failed is null) errors.Required($"{path}.maxFailedIndexes", string.Create(CultureInfo.InvariantCulture, $"must be specified when completions is above {ManyCompletions}"));
        AtMost(spec, "parallelism", MostParallelismOfMany, ofMany, path, errors);
        AtMost(spec, "maxFailedIndexes", MostFailedIndexesOfMany, ofMany, path, errors);
    }

    private static void AtMost(JsonObject spec, string name, int most, string when, string path, FieldErrors errors)
    {
        if (spec.GetInteger(name) is { } value && value > most)
            errors.Invalid($"{path}.{name}", value, string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {most}{when}"));
    }

    private static void RestartPolicy(JsonObject spec, string path, FieldErrors errors)
    {
        switch (spec.TextAt("template", "spec", "restartPolicy"))
        {
            // What nobody set is Always by the defaults.
            case null or "" or "Always":
                errors.Required(path, "valid values: \"OnFailure\", \"Never\"");
                break;
            case "OnFailure" when spec.Has("podFailurePolicy"):
                errors.Invalid(path, "OnFailure", "only \"Never\" is supported when podFailurePolicy is specified");
                break;
            case "OnFailure" or "Never":
                break;
            case var other:
                errors.NotSupported(path, other, "OnFailure", "Never");
                break;
        }
    }
}
