using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>replicasets, apps/v1.</summary>
internal static class ReplicaSetResource
{
    public static readonly ResourceDefinition Definition = new()
    {
        Name = new ResourceName("apps", "replicasets"),
        Kind = "ReplicaSet",
        Singular = "replicaset",
        ShortNames = ["rs"],
        Categories = ["all"],
        Scope = ResourceScope.Namespaced,
        Versions = [new ServedVersion("v1", ModelSchema.Of<V1ReplicaSet>())],
        Strategy = new ReplicaSetStrategy(),
        Subresources = [SubresourceDefinition.Scale, SubresourceDefinition.Status("ReplicaSet")],
        SelectableFields = [SelectableField.At("status.replicas")],
        Scale = ScaleMapping.Usual,
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Desired", "integer", "Number of desired pods."),
            new("Current", "integer", "Number of pods there are."),
            new("Ready", "integer", "Number of pods that are ready."),
            TablePrinter.AgeColumn,
            new("Containers", "string", "Names of each container in the template.", 1),
            new("Images", "string", "Images referenced by each container in the template.", 1),
            new("Selector", "string", "Label selector for pods.", 1),
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            obj.IntegerAt("spec", "replicas") ?? 0,
            obj.IntegerAt("status", "replicas") ?? 0,
            obj.IntegerAt("status", "readyReplicas") ?? 0,
            TablePrinter.Age(obj, now),
            PodTemplates.ContainerNames(obj),
            PodTemplates.Images(obj),
            PodTemplates.Selector(obj),
        ]),
    };
}

/// <summary>pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation (ValidateReplicaSetSpec).</summary>
internal sealed class ReplicaSetStrategy : ResourceStrategy
{
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
        var status = obj.GetObject("status");
        foreach (var name in (ReadOnlySpan<string>)["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"])
        {
            FieldRules.NonNegative(status, name, "status", errors);
        }
    }
}
