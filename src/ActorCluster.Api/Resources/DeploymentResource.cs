using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>deployments, apps/v1.</summary>
internal static class DeploymentResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Deployment>() with
    {
        ShortNames = ["deploy"],
        Categories = ["all"],
        Strategy = new DeploymentStrategy(),
        Subresources = [SubresourceDefinition.Scale, SubresourceDefinition.Status("Deployment")],
        Scale = ScaleMapping.Usual,
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Ready", "string", "Number of the pod with ready state"),
            new("Up-to-date", "string", "Number of pods that have the desired template."),
            new("Available", "string", "Number of pods that have been ready for minReadySeconds."),
            TablePrinter.AgeColumn,
            .. PodTemplates.ContainerColumns,
            PodTemplates.SelectorColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            $"{obj.IntegerAt("status", "readyReplicas") ?? 0}/{obj.IntegerAt("spec", "replicas") ?? 0}",
            obj.IntegerAt("status", "updatedReplicas") ?? 0,
            obj.IntegerAt("status", "availableReplicas") ?? 0,
            TablePrinter.Age(obj, now),
            .. PodTemplates.Containers(obj),
            PodTemplates.Selector(obj),
        ]),
    };
}

/// <summary>pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation (ValidateDeploymentSpec).</summary>
internal sealed class DeploymentStrategy : ResourceStrategy
{
    public override bool HasStatus => true;
    public override bool CountsGenerations => true;

    public override IEnumerable<IReadOnlyList<string>> ResetFields(string subresource) => subresource == "status" ? [["spec"], ["metadata", "labels"]] : base.ResetFields(subresource);

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        PodTemplates.ApplyDefaults(spec);
        if (!spec.Has("replicas")) spec["replicas"] = 1;
        if (!spec.Has("revisionHistoryLimit")) spec["revisionHistoryLimit"] = 10;
        if (!spec.Has("progressDeadlineSeconds")) spec["progressDeadlineSeconds"] = 600;
        var strategy = spec.Ensure("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.GetString("type") != "RollingUpdate") return;
        var rolling = strategy.Ensure("rollingUpdate");
        if (!rolling.Has("maxUnavailable")) rolling["maxUnavailable"] = "25%";
        if (!rolling.Has("maxSurge")) rolling["maxSurge"] = "25%";
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject();

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        FieldRules.NonNegative(spec, "replicas", "spec", errors);
        PodTemplates.Validate(spec, WorkloadTemplateRules.ReplicaSet, errors);
        Strategy(spec, errors);
        FieldRules.NonNegative(spec, "minReadySeconds", "spec", errors);
        FieldRules.NonNegative(spec, "revisionHistoryLimit", "spec", errors);
        FieldRules.NonNegative(spec, "progressDeadlineSeconds", "spec", errors);
        if (spec.GetInteger("progressDeadlineSeconds") is { } deadline && deadline <= (spec.GetInteger("minReadySeconds") ?? 0))
        {
            errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj.At("spec", "selector"), old.At("spec", "selector"), "spec.selector", errors);

    private static void Strategy(JsonObject spec, FieldErrors errors)
    {
        var strategy = spec.GetObject("strategy") ?? [];
        var rolling = strategy.GetObject("rollingUpdate");
        switch (strategy.GetString("type"))
        {
            case "Recreate":
                if (rolling is not null) errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                break;
            case "RollingUpdate":
                const string path = "spec.strategy.rollingUpdate";
                FieldRules.IntOrPercent(rolling!, "maxUnavailable", path, errors);
                FieldRules.IntOrPercent(rolling!, "maxSurge", path, errors);
                if (FieldRules.Amount(rolling!["maxUnavailable"]) == 0 && FieldRules.Amount(rolling["maxSurge"]) == 0)
                {
                    errors.Invalid($"{path}.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
                }
                FieldRules.AtMostHundredPercent(rolling, "maxUnavailable", path, errors);
                break;
            default:
                errors.NotSupported("spec.strategy", strategy, "Recreate", "RollingUpdate");
                break;
        }
    }
}
