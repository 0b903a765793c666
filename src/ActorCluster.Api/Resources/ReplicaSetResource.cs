using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>replicasets, apps/v1.</summary>
internal static class ReplicaSetResource
{
    /// <summary>What is shown of the number of pods.</summary>
    internal static readonly ImmutableArray<PrinterColumn> CountColumns =
    [
        TablePrinter.NameColumn,
        new("Desired", "integer", "Number of desired pods."),
        new("Current", "integer", "Number of pods there are."),
        new("Ready", "integer", "Number of pods that are ready."),
        TablePrinter.AgeColumn,
    ];

    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1ReplicaSet>() with
    {
        ShortNames = ["rs"],
        Categories = ["all"],
        Strategy = new ReplicaSetStrategy(),
        Subresources = [SubresourceDefinition.Scale, SubresourceDefinition.Status("ReplicaSet")],
        SelectableFields = [SelectableField.At("status.replicas")],
        Scale = ScaleMapping.Usual,
        Printer = new TablePrinter(
            [.. CountColumns, .. PodTemplates.ContainerColumns, PodTemplates.SelectorColumn],
            (obj, now) => [.. Counts(obj, now), .. PodTemplates.Containers(obj), PodTemplates.Selector(obj)]),
    };

    /// <summary>The cells of <see cref="CountColumns"/>.</summary>
    internal static IEnumerable<JsonNode?> Counts(JsonObject obj, DateTimeOffset now) =>
    [
        obj.TextAt("metadata", "name"),
        obj.IntegerAt("spec", "replicas") ?? 0,
        obj.IntegerAt("status", "replicas") ?? 0,
        obj.IntegerAt("status", "readyReplicas") ?? 0,
        TablePrinter.Age(obj, now),
    ];
}

/// <summary>pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation (ValidateReplicaSetSpec).</summary>
internal sealed class ReplicaSetStrategy : ResourceStrategy
{
    internal static readonly string[] PartsOfReplicas = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"];

    public override bool HasStatus => true;
    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        PodTemplates.ApplyDefaults(spec);
        if (!spec.Has("replicas")) spec["replicas"] = 1;
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["replicas"] = 0 };

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        FieldRules.NonNegative(spec, "replicas", "spec", errors);
        FieldRules.NonNegative(spec, "minReadySeconds", "spec", errors);
        PodTemplates.Validate(spec, WorkloadTemplateRules.ReplicaSet, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj.At("spec", "selector"), old.At("spec", "selector"), "spec.selector", errors);

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var status = obj.Ensure("status");
        FieldRules.NonNegative(status, "terminatingReplicas", "status", errors);
        FieldRules.ReplicaCounts(status, PartsOfReplicas, "cannot be greater than readyReplicas", errors);
    }
}
