using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>The claims that pods use.</summary>
internal static class PodClaims
{
    /// <summary>As "ns/name", each once.</summary>
    public static IReadOnlyList<string> Of(V1Pod pod) =>
        [.. (pod.Spec.Volumes ?? []).Select(volume => NameOf(pod, volume)).OfType<string>().Distinct().Select(name => ObjectNames.Join(pod.Metadata.NamespaceProperty, name))];

    /// <summary>The name of the claim behind a volume: one of its own, for an ephemeral volume; null for other volumes.</summary>
    public static string? NameOf(V1Pod pod, V1Volume volume) =>
        volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is null ? null : $"{pod.Metadata.Name}-{volume.Name}");

    public static InformerIndex<V1Pod> PodsByClaim(this SharedInformers informers) => informers.Index<V1Pod>("claim", Of);
}
