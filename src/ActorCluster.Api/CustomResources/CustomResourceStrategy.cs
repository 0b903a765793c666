using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.CustomResources;

/// <summary>How a version of a custom resource is defaulted, prepared and checked (apiextensions-apiserver/pkg/registry/customresource/{strategy,status_strategy,validator}.go).</summary>
internal sealed class CustomResourceStrategy(JsonSchema? schema, bool hasStatus, ScaleMapping? scale) : ResourceStrategy
{
    public override bool CountsGenerations => true;

    public override bool CountsStatusChanges => !hasStatus;

    public override bool HasStatus => hasStatus;

    public override bool AllowsUnconditionalUpdate => false;

    public override void ApplyDefaults(JsonObject obj)
    {
        if (schema is not null) SchemaDefaults.Apply(obj, schema);
    }

    public override void PrepareForStatusUpdate(JsonObject obj, JsonObject old)
    {
        var owners = obj.At("metadata", "managedFields")?.DeepClone();
        base.PrepareForStatusUpdate(obj, old);
        var metadata = (old["metadata"]?.DeepClone() as JsonObject) ?? [];
        metadata.Put("managedFields", owners);
        obj["metadata"] = metadata;
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors) => Validate(obj, null, errors);

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => Validate(obj, old, errors);

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (schema?.Properties.GetValueOrDefault("status") is { } type && obj.ContainsKey("status"))
        {
            SchemaValidator.Validate(obj["status"], type, "status", errors, old["status"]);
            ListUniqueness.Validate(obj["status"], type, "status", errors);
        }
        if (scale is not null) Replicas(obj, scale.StatusReplicas.AsSpan(), errors);
    }

    private void Validate(JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (schema is not null)
        {
            SchemaValidator.Validate(obj, schema, "", errors, old);
            EmbeddedRules.Validate(obj, schema, "", errors);
            ListUniqueness.Validate(obj, schema, "", errors);
        }
        if (scale is null) return;
        Replicas(obj, scale.SpecReplicas.AsSpan(), errors);
        Replicas(obj, scale.StatusReplicas.AsSpan(), errors);
    }

    private static void Replicas(JsonObject obj, ReadOnlySpan<string> path, FieldErrors errors)
    {
        var replicas = obj.IntegerAt(path);
        var field = "." + string.Join('.', path!);
        if (replicas < 0) errors.Invalid(field, replicas.Value, "should be a non-negative integer");
        else if (replicas > int.MaxValue) errors.Invalid(field, replicas.Value, "should be less than or equal to 2147483647");
    }
}
