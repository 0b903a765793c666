using ActorCluster.Controllers.Reconciling;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Indexes that several controllers share.</summary>
internal static class CommonIndexes
{
    /// <summary>Objects by their controlling owner's uid, and those without one by their namespace: what a controller has, and what it might adopt.</summary>
    public static InformerIndex<T> ByController<T>(this SharedInformers informers) where T : class, IKubernetesObject<V1ObjectMeta> =>
        informers.Index<T>("controller", static item => [Owners.ControllerOf(item) is { } owner ? owner.Uid : OrphansOf(item.Metadata.NamespaceProperty)]);

    public static InformerIndex<T> ByNamespace<T>(this SharedInformers informers) where T : class, IKubernetesObject<V1ObjectMeta> =>
        informers.Index<T>("namespace", static item => [item.Metadata.NamespaceProperty ?? ""]);

    public static InformerIndex<V1Pod> PodsByNode(this SharedInformers informers) =>
        informers.Index<V1Pod>("node", static pod => string.IsNullOrEmpty(pod.Spec?.NodeName) ? [] : [pod.Spec.NodeName]);

    /// <summary>What the owner controls and the orphans of its namespace.</summary>
    public static IReadOnlyList<T> OwnedOrOrphaned<T>(this InformerIndex<T> index, IKubernetesObject<V1ObjectMeta> owner)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        [.. index.Get(owner.Metadata.Uid), .. index.Get(OrphansOf(owner.Metadata.NamespaceProperty))];

    private static string OrphansOf(string ns) => $"orphans of {ns}";
}
