using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>The ControllerRevisions of one kind of workload, as the cache shows them.</summary>
internal sealed class OwnedRevisions(SharedInformers informers, OwnerKind kind)
{
    private const string Prefix = "controllerrevision:";

    private readonly InformerIndex<V1ControllerRevision> _byController = informers.ByController<V1ControllerRevision>();
    private readonly Informer<V1ControllerRevision> _cache = informers.Of<V1ControllerRevision>();

    /// <summary>Brings changes of revisions to the workloads that control them.</summary>
    public void Attach(IReconcileQueue queue) => _cache.Changed += (before, after) =>
    {
        if ((after ?? before) is { } revision && kind.Of(revision) is { } owner) queue.Add(ObjectNames.Join(revision.Metadata.NamespaceProperty, owner.Name));
    };

    public Claim<V1ControllerRevision> ClaimOf(IKubernetesObject<V1ObjectMeta> owner, V1LabelSelector? selector) =>
        Claim<V1ControllerRevision>.Of(owner, selector, _byController.OwnedOrOrphaned(owner));

    /// <summary>The name under which a write of a revision is awaited.</summary>
    public static string KeyOf(V1ControllerRevision revision) => Prefix + ObjectNames.Join(revision.Metadata.NamespaceProperty, revision.Metadata.Name);

    /// <summary>The version in the cache of what was written under that name.</summary>
    public string? VersionOf(string written)
    {
        var (ns, name) = ObjectNames.Split(written[Prefix.Length..]);
        return _cache.Get(ns, name)?.Metadata.ResourceVersion;
    }
}
