using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/apps/daemonset, pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation (ValidateDaemonSetSpec).</summary>
internal sealed class DaemonSetStrategy : ResourceStrategy
{
    /// <summary>Counts the templates (pkg/apis/apps/v1/conversion.go keeps the internal templateGeneration here).</summary>
    private const string TemplateGeneration = "deprecated.daemonset.template.generation";

    private static readonly WorkloadTemplateRules Rules = new("daemonset", "DaemonSet", SelectorRequired: false);

    private static readonly string[] Counts =
    [
        "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration", "updatedNumberScheduled",
        "numberAvailable", "numberUnavailable",
    ];

    public override bool HasStatus => true;
    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        PodTemplates.ApplyDefaults(spec);
        if (!spec.Has("revisionHistoryLimit")) spec["revisionHistoryLimit"] = 10;
        var strategy = spec.Ensure("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.GetString("type") != "RollingUpdate") return;
        var rolling = strategy.Ensure("rollingUpdate");
        if (!rolling.Has("maxUnavailable")) rolling["maxUnavailable"] = 1;
        if (!rolling.Has("maxSurge")) rolling["maxSurge"] = 0;
    }

    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject
        {
            ["currentNumberScheduled"] = 0,
            ["numberMisscheduled"] = 0,
            ["desiredNumberScheduled"] = 0,
            ["numberReady"] = 0,
        };
        SetTemplateGeneration(obj, Math.Max(1, GenerationOf(obj)));
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        var changed = !obj.At("spec", "template").SameAs(old.At("spec", "template"));
        SetTemplateGeneration(obj, GenerationOf(old) + (changed ? 1 : 0));
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        PodTemplates.Validate(spec, Rules, errors);
        FieldRules.NonNegative(spec, "minReadySeconds", "spec", errors);
        UpdateStrategy(spec.Ensure("updateStrategy"), "spec.updateStrategy", errors);
        FieldRules.NonNegative(spec, "revisionHistoryLimit", "spec", errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj.At("spec", "selector"), old.At("spec", "selector"), "spec.selector", errors);

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var name in Counts) FieldRules.NonNegative(obj.GetObject("status"), name, "status", errors);
        FieldRules.CollisionCount(obj, old, errors);
    }

    private static void UpdateStrategy(JsonObject strategy, string path, FieldErrors errors)
    {
        switch (strategy.GetString("type"))
        {
            case "OnDelete":
                return;
            case "RollingUpdate" when strategy.GetObject("rollingUpdate") is { } rolling:
                RollingUpdate(rolling, $"{path}.rollingUpdate", errors);
                return;
            default:
                errors.NotSupported(path, strategy, "RollingUpdate", "OnDelete");
                return;
        }
    }

    private static void RollingUpdate(JsonObject rolling, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["maxUnavailable", "maxSurge"]) FieldRules.IntOrPercent(rolling, name, path, errors);
        foreach (var name in (ReadOnlySpan<string>)["maxUnavailable", "maxSurge"]) FieldRules.AtMostHundredPercent(rolling, name, path, errors);
        var unavailable = (FieldRules.Amount(rolling["maxUnavailable"]) ?? 0) != 0;
        var surge = (FieldRules.Amount(rolling["maxSurge"]) ?? 0) != 0;
        if (unavailable && surge) errors.Invalid($"{path}.maxSurge", rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
        else if (!unavailable && !surge) errors.Required($"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0");
    }

    private static long GenerationOf(JsonObject obj) =>
        long.TryParse(obj.TextAt("metadata", "annotations", TemplateGeneration), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation) ? generation : 0;

    private static void SetTemplateGeneration(JsonObject obj, long generation) =>
        ObjectMetadata.Of(obj).Json.Ensure("annotations")[TemplateGeneration] = generation.ToString(CultureInfo.InvariantCulture);
}
