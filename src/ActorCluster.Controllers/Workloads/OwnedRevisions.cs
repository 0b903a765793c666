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

    /// <summary>Brings changes of revisions to the workloads that control them, or that might adopt them.</summary>
    /// <param name="adopters">The keys of the workloads that an orphan might belong to.</param>
    public void Attach(IReconcileQueue queue, Func<V1ControllerRevision, IEnumerable<string>> adopters) => _cache.Changed += (before, after) =>
    {
        foreach (var revision in (V1ControllerRevision?[])[before, after])
            if (revision is not null && kind.Of(revision) is { } owner) queue.Add(ObjectNames.Join(revision.Metadata.NamespaceProperty, owner.Name));
        if (after is null || Owners.ControllerOf(after) is not null) return;
        foreach (var key in adopters(after)) queue.Add(key);
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
