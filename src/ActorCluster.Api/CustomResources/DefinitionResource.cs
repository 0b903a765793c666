using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.CustomResources;

/// <summary>customresourcedefinitions, apiextensions.k8s.io/v1: kinds that are registered while the server runs.</summary>
public static class DefinitionResource
{
    public static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1CustomResourceDefinition>() with
    {
        Strategy = new DefinitionStrategy(),
        ShortNames = ["crd", "crds"],
        Categories = ["api-extensions"],
        Subresources = [SubresourceDefinition.Status("CustomResourceDefinition")],
    };
}

/// <summary>apiextensions-apiserver/pkg/registry/customresourcedefinition and pkg/apis/apiextensions.</summary>
internal sealed class DefinitionStrategy : ResourceStrategy
{
    public override bool CountsGenerations => true;

    public override bool HasStatus => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        var names = spec.Ensure("names");
        if (names.GetString("kind") is { Length: > 0 } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }
        if (!spec.Has("conversion")) spec["conversion"] = new JsonObject { ["strategy"] = "None" };
        if (spec.GetObject("conversion").At("webhook", "clientConfig", "service") is JsonObject service) service.Default("port", 443);
        if (!obj.GetObject("status").GetStrings("storedVersions").Any()) StoreVersion(obj);
    }

    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        StoreVersion(obj);
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        StoreVersion(obj);
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        DefinitionRules.Validate(obj, errors);
        ValidateStatus(obj, errors);
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        var name = ObjectMetadata.Of(obj).Name;
        if (name != $"{obj.TextAt("spec", "names", "plural")}.{obj.TextAt("spec", "group")}") errors.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        DefinitionNames.ValidateApproval(obj, null, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (DefinitionConditions.IsTrue(old, "Established"))
        {
            MetadataValidation.Immutable(obj.At("spec", "scope"), old.At("spec", "scope"), "spec.scope", errors);
            MetadataValidation.Immutable(obj.At("spec", "names", "kind"), old.At("spec", "names", "kind"), "spec.names.kind", errors);
        }
        MetadataValidation.Immutable(obj.At("spec", "group"), old.At("spec", "group"), "spec.group", errors);
        MetadataValidation.Immutable(obj.At("spec", "names", "plural"), old.At("spec", "names", "plural"), "spec.names.plural", errors);
        DefinitionNames.ValidateApproval(obj, old, errors);
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => ValidateStatus(obj, errors);

    /// <summary>What is kept and not done.</summary>
    public override IEnumerable<string> Warnings(JsonObject obj)
    {
        if (obj.TextAt("spec", "conversion", "strategy") == "Webhook")
            yield return "spec.conversion: webhooks are not called here; objects are served in every version as they are stored, with its apiVersion";
        var schemas = obj.GetObject("spec").GetObjects("versions").Select(v => v.At("schema", "openAPIV3Schema")).OfType<JsonObject>().SelectMany(s => JsonSchema.Parse(s).All()).ToList();
        if (schemas.Any(s => s.Json.Has("x-kubernetes-validations"))) yield return "x-kubernetes-validations: rules are kept but not evaluated here";
        foreach (var format in schemas.Where(s => s.Format.Length > 0 && !SchemaFormats.IsKnown(s.Type, s.Format)).Select(s => s.Format).Distinct()) yield return $"unrecognized format {FieldError.GoQuote(format)}";
    }

    /// <summary>It outlives its deletion until its objects are gone.</summary>
    public override bool IsHeld(JsonObject obj) => !ObjectMetadata.Of(obj).IsDeleting || base.IsHeld(obj);

    public override void OnDeletionStarted(JsonObject obj)
    {
        var metadata = ObjectMetadata.Of(obj);
        metadata.SetFinalizers(metadata.Finalizers.Append(DefinitionConditions.CleanupFinalizer).Distinct().ToList());
        DefinitionConditions.Set(obj, "Terminating", true, "InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", metadata.DeletionTimestamp);
    }

    /// <summary>Objects may be stored in this version from now on.</summary>
    private static void StoreVersion(JsonObject obj)
    {
        if (obj.GetObject("spec").GetObjects("versions").FirstOrDefault(v => v.GetBoolean("storage") == true)?.GetString("name") is not { } version) return;
        var stored = obj.GetObject("status").GetStrings("storedVersions").ToList();
        if (!stored.Contains(version)) obj.Ensure("status")["storedVersions"] = JsonDocuments.ArrayOf([.. stored, version]);
    }

    private static void ValidateStatus(JsonObject obj, FieldErrors errors)
    {
        if (obj.At("status", "acceptedNames") is JsonObject names) DefinitionRules.Names(names, "status.acceptedNames", errors);
        var stored = obj.GetObject("status").GetStrings("storedVersions").ToList();
        var given = JsonDocuments.ArrayOf([.. stored]);
        if (stored.Count == 0) errors.Invalid("status.storedVersions", given, "must have at least one stored version");
        var versions = obj.GetObject("spec").GetObjects("versions").ToList();
        foreach (var storage in versions.Where(v => v.GetBoolean("storage") == true && stored.Count > 0 && !stored.Contains(v.GetString("name") ?? "")))
            errors.Invalid("status.storedVersions", given, $"must have the storage version {storage.GetString("name")}");
        for (var i = 0; i < stored.Count; i++)
        {
            if (versions.Any(v => v.GetString("name") == stored[i])) continue;
            errors.Invalid($"status.storedVersions[{i}]", stored[i],
                $"missing from spec.versions; {stored[i]} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {stored[i]} and removes {stored[i]} from status.storedVersions");
        }
    }
}
