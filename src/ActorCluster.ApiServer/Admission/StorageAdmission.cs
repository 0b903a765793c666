using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;

namespace ActorCluster.ApiServer.Admission;

/// <summary>A claim that names no storage class gets the default one, the newest if there are several (plugin/pkg/admission/storage/storageclass/setdefault).</summary>
internal sealed class DefaultStorageClass : IAdmission
{
    private static readonly ResourceName Classes = new("storage.k8s.io", "storageclasses");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != StorageProtection.Claims) return;
        var spec = request.Object.Ensure("spec");
        // An empty name is a wish as well: no class.
        if (spec.Has("storageClassName")) return;
        var newest = request.Snapshot.List(Classes).Select(ObjectEncoder.Decode).Where(StorageClassResource.IsDefault)
            .OrderByDescending(c => ObjectMetadata.Of(c).CreationTimestamp, StringComparer.Ordinal)
            .ThenBy(c => ObjectMetadata.Of(c).Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (newest is not null) spec["storageClassName"] = ObjectMetadata.Of(newest).Name;
    }
}

/// <summary>Claims and volumes stay while they are in use (plugin/pkg/admission/storage/storageobjectinuseprotection); controllers let go of them.</summary>
internal sealed class StorageProtection : IAdmission
{
    public static readonly ResourceName Claims = new("", "persistentvolumeclaims");
    private static readonly ResourceName Volumes = new("", "persistentvolumes");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create) return;
        if (request.Definition.Name == Claims) Protect(request.Object, "kubernetes.io/pvc-protection");
        else if (request.Definition.Name == Volumes) Protect(request.Object, "kubernetes.io/pv-protection");
    }

    private static void Protect(JsonObject obj, string finalizer)
    {
        var metadata = ObjectMetadata.Of(obj);
        if (!metadata.Finalizers.Contains(finalizer)) metadata.SetFinalizers(metadata.Finalizers.Append(finalizer).ToList());
    }
}

/// <summary>A bound claim may grow if its class allows that (plugin/pkg/admission/storage/persistentvolume/resize).</summary>
internal sealed class ClaimGrowth : IAdmission
{
    private static readonly ResourceName Classes = new("storage.k8s.io", "storageclasses");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Update || request.Definition.Name != StorageProtection.Claims) return;
        if (Asked(request.Object) is not { } now || Asked(request.Old) is not { } before || now <= before) return;
        if (request.Old.TextAt("status", "phase") != "Bound") throw Refuse("Only bound persistent volume claims can be expanded");
        var name = request.Object.TextAt("spec", "storageClassName") ?? "";
        var stored = name.Length == 0 ? null : request.Snapshot.Get(new ObjectKey(Classes, "", name));
        if (stored is null || ObjectEncoder.Decode(stored).GetBoolean("allowVolumeExpansion") != true)
            throw Refuse("only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");

        StatusException Refuse(string why) => StatusException.Forbidden(request.Definition.Name, request.Name, why);
    }

    private static Quantity? Asked(JsonObject? claim) => Quantity.TryParse(claim.TextAt("spec", "resources", "requests", "storage"), out var asked) ? asked : null;
}
