using ActorCluster.Api.Pods;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>The claims that pods use.</summary>
internal static class PodClaims
{
    /// <summary>As "ns/name", each once.</summary>
    public static IReadOnlyList<string> Of(V1Pod pod) =>
        Keys(pod, volume => ClaimNames.Of(pod, volume));

    /// <summary>Without those of ephemeral volumes, which no other pod can use.</summary>
    public static IReadOnlyList<string> Shared(V1Pod pod) => Keys(pod, volume => volume.PersistentVolumeClaim?.ClaimName);

    private static IReadOnlyList<string> Keys(V1Pod pod, Func<V1Volume, string?> name) =>
        [.. (pod.Spec.Volumes ?? []).Select(name).OfType<string>().Distinct().Select(claim => ObjectNames.Join(pod.Metadata.NamespaceProperty, claim))];

    public static InformerIndex<V1Pod> PodsByClaim(this SharedInformers informers) => informers.Index<V1Pod>("claim", Of);
}
