using k8s.Models;

namespace ActorCluster.Api.Pods;

/// <summary>Which claim is behind a pod's volume.</summary>
public static class ClaimNames
{
    /// <summary>The claim that the volume names, or the one of its own that an ephemeral volume has (k8s.io/component-helpers/storage/ephemeral); null for other volumes.</summary>
    public static string? Of(V1Pod pod, V1Volume volume) =>
        volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is null ? null : $"{pod.Metadata.Name}-{volume.Name}");
}
