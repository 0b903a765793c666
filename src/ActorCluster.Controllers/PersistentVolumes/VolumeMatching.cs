using ActorCluster.Api.Selectors;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>Which volume suits a claim (FindMatchingVolume in k8s.io/component-helpers/storage/volume/pv_helpers.go). Pure.</summary>
internal static class VolumeMatching
{
    /// <summary>The volume that is meant for the claim already, or else the smallest that will do; null: none does.</summary>
    /// <param name="node">Where it must be usable, for the scheduler; null: anywhere.</param>
    /// <param name="taken">Names of volumes that are spoken for.</param>
    /// <param name="onlyPrebound">The claim waits for a pod: only a volume that is meant for it counts.</param>
    public static V1PersistentVolume? Find(
        V1PersistentVolumeClaim claim, IEnumerable<V1PersistentVolume> volumes, V1Node? node = null, IReadOnlySet<string>? taken = null, bool onlyPrebound = false)
    {
        V1PersistentVolume? meant = null, smallest = null;
        foreach (var volume in volumes)
        {
            if (taken?.Contains(volume.Metadata.Name) == true) continue;
            if (volume.Spec.ClaimRef is not null && !IsMeantFor(volume, claim)) continue;
            if (Capacity(volume) < Requested(claim) || Mode(volume.Spec.VolumeMode) != Mode(claim.Spec.VolumeMode) || volume.Metadata.DeletionTimestamp is not null) continue;
            if ((volume.Spec.VolumeAttributesClassName ?? "") != (claim.Spec.VolumeAttributesClassName ?? "")) continue;
            if (IsMeantFor(volume, claim))
            {
                if (meant is null || IsBefore(volume, meant)) meant = volume;
                continue;
            }
            if (meant is not null || onlyPrebound || (node is not null && !IsReachable(volume, node)) || volume.Status?.Phase != "Available" || ClassOf(volume) != ClassOf(claim) || !HasModes(volume, claim)) continue;
            if (claim.Spec.Selector is { } selector && !LabelSelectors.Matches(selector, volume.Metadata.Labels)) continue;
            if (smallest is null || IsSmaller(volume, smallest)) smallest = volume;
        }
        if (meant is null) return smallest;
        return node is null || IsReachable(meant, node) ? meant : null;
    }

    /// <summary>Why a volume that a claim names can't be its own, in upstream's words; null: it can.</summary>
    public static string? Mismatch(V1PersistentVolume volume, V1PersistentVolumeClaim claim)
    {
        if (volume.Metadata.DeletionTimestamp is not null) return $"the volume is marked for deletion \"{volume.Metadata.Name}\"";
        if (Capacity(volume) < Requested(claim)) return "requested PV is too small";
        if (ClassOf(volume) != ClassOf(claim)) return "storageClassName does not match";
        if ((volume.Spec.VolumeAttributesClassName ?? "") != (claim.Spec.VolumeAttributesClassName ?? "")) return "volumeAttributesClassName does not match";
        if (Mode(volume.Spec.VolumeMode) != Mode(claim.Spec.VolumeMode)) return "incompatible volumeMode";
        return HasModes(volume, claim) ? null : "incompatible accessMode";
    }

    /// <summary>Whether the volume is bound to the claim, or reserved for one of its name.</summary>
    public static bool IsMeantFor(V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } reference && reference.Name == claim.Metadata.Name && reference.NamespaceProperty == claim.Metadata.NamespaceProperty
        && (string.IsNullOrEmpty(reference.Uid) || reference.Uid == claim.Metadata.Uid);

    public static bool IsFullyBound(V1PersistentVolumeClaim claim) =>
        !string.IsNullOrEmpty(claim.Spec.VolumeName) && VolumeAnnotations.Get(claim, VolumeAnnotations.BindCompleted) is not null;

    /// <summary>Whether pods on the node can use the volume.</summary>
    public static bool IsReachable(V1PersistentVolume volume, V1Node node) =>
        volume.Spec.NodeAffinity?.Required is not { } required || (required.NodeSelectorTerms ?? []).Any(term => NodeSelectors.Matches(term, node));

    public static string ClassOf(V1PersistentVolumeClaim claim) => VolumeAnnotations.Get(claim, "volume.beta.kubernetes.io/storage-class") ?? claim.Spec.StorageClassName ?? "";

    public static string ClassOf(V1PersistentVolume volume) => VolumeAnnotations.Get(volume, "volume.beta.kubernetes.io/storage-class") ?? volume.Spec.StorageClassName ?? "";

    public static decimal Capacity(V1PersistentVolume volume) => Storage(volume.Spec.Capacity);

    public static decimal Requested(V1PersistentVolumeClaim claim) => Storage(claim.Spec.Resources?.Requests);

    private static bool IsSmaller(V1PersistentVolume volume, V1PersistentVolume other) =>
        Capacity(volume).CompareTo(Capacity(other)) is var order && (order < 0 || (order == 0 && IsBefore(volume, other)));

    private static bool IsBefore(V1PersistentVolume volume, V1PersistentVolume other) => string.CompareOrdinal(volume.Metadata.Name, other.Metadata.Name) < 0;

    private static decimal Storage(IDictionary<string, ResourceQuantity>? amounts) => amounts is not null && amounts.TryGetValue("storage", out var amount) ? amount.ToDecimal() : 0;

    private static bool HasModes(V1PersistentVolume volume, V1PersistentVolumeClaim claim) => (claim.Spec.AccessModes ?? []).All(mode => volume.Spec.AccessModes?.Contains(mode) == true);

    private static string Mode(string? mode) => mode ?? "Filesystem";
}
