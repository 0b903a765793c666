using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>storageclasses, storage.k8s.io/v1.</summary>
public static class StorageClassResource
{
    /// <summary>"true" on the class that claims without one get (pkg/volume/util/storageclass.go).</summary>
    public const string DefaultAnnotation = "storageclass.kubernetes.io/is-default-class";

    private const string OldDefaultAnnotation = "storageclass.beta.kubernetes.io/is-default-class";

    internal static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1StorageClass>() with
    {
        ShortNames = ["sc"],
        Strategy = new StorageClassStrategy(),
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Provisioner", "string", "Who makes the volumes."),
            new("ReclaimPolicy", "string", "What becomes of a volume when its claim is gone."),
            new("VolumeBindingMode", "string", "Whether a claim gets its volume at once or when a pod needs it."),
            new("AllowVolumeExpansion", "string", "Whether claims may be asked to grow."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name") + (IsDefault(obj) ? " (default)" : ""),
            obj.GetString("provisioner"),
            obj.GetString("reclaimPolicy") ?? "Delete",
            obj.GetString("volumeBindingMode") ?? "Immediate",
            obj.GetBoolean("allowVolumeExpansion") ?? false,
            TablePrinter.Age(obj, now),
        ]),
    };

    public static bool IsDefault(JsonObject storageClass) => IsDefault(ObjectMetadata.Of(storageClass).Annotations);

    /// <param name="annotations">Those of a storage class.</param>
    public static bool IsDefault(IEnumerable<KeyValuePair<string, string>>? annotations) =>
        annotations?.Any(annotation => annotation is { Key: DefaultAnnotation or OldDefaultAnnotation, Value: "true" }) == true;
}

/// <summary>pkg/registry/storage/storageclass, pkg/apis/storage/v1/defaults.go and pkg/apis/storage/validation (ValidateStorageClass...).</summary>
internal sealed class StorageClassStrategy : ResourceStrategy
{
    private const int MaxParameters = 512;
    private const int MaxParameterBytes = 256 * 1024;
    private static readonly string[] ReclaimPolicies = ["Delete", "Retain"];
    private static readonly string[] BindingModes = ["Immediate", "WaitForFirstConsumer"];

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Default("reclaimPolicy", "Delete");
        obj.Default("volumeBindingMode", "Immediate");
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        Driver(obj.GetString("provisioner") ?? "", "provisioner", errors);
        Parameters(obj.GetStringMap("parameters") ?? [], errors);
        if (obj.GetString("reclaimPolicy") is { } policy && !ReclaimPolicies.Contains(policy)) errors.NotSupported("reclaimPolicy", policy, ReclaimPolicies);
        if (obj.GetString("volumeBindingMode") is { } mode && !BindingModes.Contains(mode)) errors.NotSupported("volumeBindingMode", mode, BindingModes);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]) MetadataValidation.Immutable(obj[field], old[field], field, errors);
    }

    internal static void Driver(string name, string path, FieldErrors errors)
    {
        if (name.Length == 0) errors.Required(path);
        else foreach (var fault in Names.QualifiedName(name.ToLowerInvariant())) errors.Invalid(path, name, fault);
    }

    internal static void Parameters(SortedDictionary<string, string> parameters, FieldErrors errors)
    {
        if (parameters.Count > MaxParameters) errors.TooLong("parameters", MaxParameters);
        else if (parameters.Sum(parameter => parameter.Key.Length + parameter.Value.Length) > MaxParameterBytes) errors.TooLong("parameters", MaxParameterBytes);
        if (parameters.ContainsKey("")) errors.Invalid("parameters", "", "field can not be empty.");
    }
}
