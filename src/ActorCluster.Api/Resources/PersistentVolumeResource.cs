using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>persistentvolumes, v1.</summary>
internal static class PersistentVolumeResource
{
    public static readonly ResourceDefinition Definition = new()
    {
        Name = new ResourceName("", "persistentvolumes"),
        Kind = "PersistentVolume",
        Singular = "persistentvolume",
        ShortNames = ["pv"],
        Scope = ResourceScope.Cluster,
        Versions = [new ServedVersion("v1", ModelSchema.Of<V1PersistentVolume>())],
        Strategy = new PersistentVolumeStrategy(),
        Subresources = [SubresourceDefinition.Status("PersistentVolume")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Capacity", "string", "What the volume has."),
            new("Access Modes", "string", "How the volume can be mounted."),
            new("Reclaim Policy", "string", "What becomes of the volume when its claim is gone."),
            new("Status", "string", "Whether the volume is free, claimed or released."),
            new("Claim", "string", "The claim that has the volume."),
            new("StorageClass", "string", "StorageClass of the pv"),
            new("VolumeAttributesClass", "string", "VolumeAttributesClass of the pv"),
            new("Reason", "string", "A word for what went wrong."),
            TablePrinter.AgeColumn,
            new("VolumeMode", "string", "Whether the volume is a file system or a block device.", 1),
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            obj.TextAt("spec", "capacity", "storage") ?? "0",
            VolumeRules.Short(obj.GetObject("spec")),
            obj.TextAt("spec", "persistentVolumeReclaimPolicy") ?? "",
            VolumeRules.Phase(obj),
            obj.At("spec", "claimRef") is JsonObject claim ? $"{claim.GetString("namespace")}/{claim.GetString("name")}" : "",
            obj.TextAt("spec", "storageClassName") ?? "",
            VolumeRules.OrUnset(obj.TextAt("spec", "volumeAttributesClassName")),
            obj.TextAt("status", "reason") ?? "",
            TablePrinter.Age(obj, now),
            VolumeRules.OrUnset(obj.TextAt("spec", "volumeMode")),
        ]),
    };
}

/// <summary>pkg/registry/core/persistentvolume and pkg/apis/core/validation (ValidatePersistentVolumeSpec).</summary>
internal sealed class PersistentVolumeStrategy : ResourceStrategy
{
    private static readonly string[] ReclaimPolicies = ["Delete", "Recycle", "Retain"];

    /// <summary>All other fields of the spec say where the volume is.</summary>
    private static readonly string[] NoSource =
    [
        "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity",
        "volumeAttributesClassName",
    ];

    public override bool HasStatus => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("persistentVolumeReclaimPolicy", "Retain");
        spec.Default("volumeMode", "Filesystem");
        if (spec.GetObject("hostPath") is { } path && !path.Has("type")) path["type"] = "";
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Pending" };

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        VolumeRules.AccessModes(spec, "", errors);
        var capacity = spec.GetObject("capacity") ?? [];
        if (capacity.Count == 0) errors.Required("spec.capacity");
        if (!capacity.Has("storage") || capacity.Count > 1) errors.NotSupported("spec.capacity", spec["capacity"], "storage");
        foreach (var (name, amount) in capacity) VolumeRules.Positive(amount, $"spec.capacity[{name}]", errors);
        FieldRules.OneOf(spec, "persistentVolumeReclaimPolicy", "spec", ReclaimPolicies, errors);
        var sources = Sources(spec).Select(source => source.Key).ToList();
        foreach (var extra in sources.Skip(1)) errors.Forbidden($"spec.{extra}", "may not specify more than 1 volume type");
        if (sources.Count == 0) errors.Required("spec", "must specify a volume type");
        VolumeRules.ClassName(spec, "storageClassName", errors);
        VolumeRules.VolumeMode(spec, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (obj.Ensure("spec"), old.Ensure("spec"));
        var (source, sourceBefore) = (Sources(spec).ToList(), Sources(before).ToList());
        if (source.Count != sourceBefore.Count || source.Exists(field => !field.Value.SameAs(before[field.Key])))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }
        MetadataValidation.Immutable(spec["volumeMode"], before["volumeMode"], "volumeMode", errors);
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Sources(JsonObject spec) => spec.Where(field => field.Value is not null && !NoSource.Contains(field.Key));
}
