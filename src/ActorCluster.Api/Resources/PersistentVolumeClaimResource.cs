using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>persistentvolumeclaims, v1.</summary>
internal static class PersistentVolumeClaimResource
{
    public static readonly ResourceDefinition Definition = new()
    {
        Name = new ResourceName("", "persistentvolumeclaims"),
        Kind = "PersistentVolumeClaim",
        Singular = "persistentvolumeclaim",
        ShortNames = ["pvc"],
        Scope = ResourceScope.Namespaced,
        Versions = [new ServedVersion("v1", ModelSchema.Of<V1PersistentVolumeClaim>())],
        Strategy = new PersistentVolumeClaimStrategy(),
        Subresources = [SubresourceDefinition.Status("PersistentVolumeClaim")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Status", "string", "Whether the claim has its volume."),
            new("Volume", "string", "The volume that backs the claim."),
            new("Capacity", "string", "What the volume has."),
            new("Access Modes", "string", "How the volume can be mounted."),
            new("StorageClass", "string", "StorageClass of the pvc"),
            new("VolumeAttributesClass", "string", "VolumeAttributesClass of the pvc"),
            TablePrinter.AgeColumn,
            new("VolumeMode", "string", "Whether the volume is a file system or a block device.", 1),
        ],
        (obj, now) =>
        {
            var volume = obj.TextAt("spec", "volumeName") ?? "";
            return
            [
                obj.TextAt("metadata", "name"),
                VolumeRules.Phase(obj),
                volume,
                volume.Length > 0 ? obj.TextAt("status", "capacity", "storage") ?? "0" : "",
                volume.Length > 0 ? VolumeRules.Short(obj.GetObject("status")) : "",
                obj.TextAt("spec", "storageClassName") ?? "",
                VolumeRules.OrUnset(obj.TextAt("spec", "volumeAttributesClassName")),
                TablePrinter.Age(obj, now),
                VolumeRules.OrUnset(obj.TextAt("spec", "volumeMode")),
            ];
        }),
    };
}

/// <summary>pkg/registry/core/persistentvolumeclaim and pkg/apis/core/validation (ValidatePersistentVolumeClaimSpec).</summary>
internal sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    public override bool HasStatus => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("volumeMode", "Filesystem");
        spec.Ensure("resources");
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Pending" };

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        VolumeRules.AccessModes(spec, "at least 1 access mode is required", errors);
        if (spec.GetObject("selector") is { } selector) FieldRules.LabelSelector(selector, "spec.selector", errors);
        var storage = spec.At("resources", "requests", "storage");
        if (storage is null) errors.Required("spec.resources[storage]");
        else VolumeRules.Positive(storage, "spec.resources[storage]", errors);
        VolumeRules.ClassName(spec, "storageClassName", errors);
        VolumeRules.VolumeMode(spec, errors);
        VolumeRules.ClassName(spec, "volumeAttributesClassName", errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var before = (JsonObject)old.Ensure("spec").DeepClone();
        var after = (JsonObject)obj.Ensure("spec").DeepClone();
        // Who binds a claim names its volume, once; one that is bound may be asked to grow.
        if ((before.GetString("volumeName") ?? "").Length == 0) after.Put("volumeName", before["volumeName"]);
        // A claim that has no class yet may be given one (the default, when there is one).
        if (!before.Has("storageClassName") && (before.GetString("volumeName") ?? "").Length == 0) after.Put("storageClassName", null);
        if (old.TextAt("status", "phase") == "Bound")
        {
            after.Ensure("resources").Put("requests", before.At("resources", "requests"));
            after.Put("volumeAttributesClassName", before["volumeAttributesClassName"]);
        }
        if (after.SameAs(before)) return;
        errors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
    }
}
