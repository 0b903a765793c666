using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Selectors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/core/replicationcontroller, pkg/apis/core/v1/defaults.go and pkg/apis/core/validation (ValidateReplicationControllerSpec).</summary>
internal sealed class ReplicationControllerStrategy : ResourceStrategy
{
    public override bool HasStatus => true;
    public override bool CountsGenerations => true;
    public override bool OrphansByDefault => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        if (!spec.Has("replicas")) spec["replicas"] = 1;
        if (spec.GetObject("template") is not { } template) return;
        PodTemplates.ApplyDefaults(spec);
        if (template.At("metadata", "labels") is not JsonObject { Count: > 0 } labels) return;
        if ((spec.GetObject("selector")?.Count ?? 0) == 0) spec["selector"] = labels.DeepClone();
        PodTemplates.DefaultLabels(obj, labels);
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["replicas"] = 0 };

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        FieldRules.NonNegative(spec, "minReadySeconds", "spec", errors);
        var selector = spec.GetStringMap("selector");
        if (selector is not { Count: > 0 }) errors.Required("spec.selector");
        FieldRules.NonNegative(spec, "replicas", "spec", errors);
        if (spec.GetObject("template") is not { } template)
        {
            errors.Required("spec.template");
            return;
        }
        if (selector is { Count: > 0 } && !LabelSelector.FromMap(selector).Matches((template.At("metadata") as JsonObject).GetStringMap("labels")))
        {
            errors.Invalid("spec.template.metadata.labels", template.At("metadata", "labels"), "`selector` does not match template `labels`");
        }
        PodTemplates.ValidateTemplate(template, "spec.template", errors);
        PodTemplates.ValidateEndless(template, "ReplicationController", errors);
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        FieldRules.ReplicaCounts(obj.Ensure("status"), ReplicaSetStrategy.PartsOfReplicas, "cannot be greater than readyReplicas", errors);
}
