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

    /// <summary>
    /// Brings changes of revisions to the workloads that might adopt them, lost them, or wait to see what they wrote. What somebody else does to a workload's revisions is
    /// no reason for a look at it (addHistory and updateHistory in pkg/controller/daemon/daemon_controller.go).
    /// </summary>
    /// <param name="adopters">The keys of the workloads that an orphan might belong to.</param>
    /// <param name="awaits">Whether the workload of a key wrote what is said by its <see cref="KeyOf"/>, and hasn't seen it yet.</param>
    public void Attach(IReconcileQueue queue, Func<V1ControllerRevision, IEnumerable<string>> adopters, Func<string, string, bool> awaits) => _cache.Changed += (before, after) =>
    {
        var (ownerBefore, ownerAfter) = (Owner(before), Owner(after));
        if (ownerBefore is not null && ownerBefore != ownerAfter) queue.Add(ownerBefore);
        if (ownerAfter is not null && awaits(ownerAfter, KeyOf(after!))) queue.Add(ownerAfter);
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

    private string? Owner(V1ControllerRevision? revision) =>
        revision is not null && kind.Of(revision) is { } owner ? ObjectNames.Join(revision.Metadata.NamespaceProperty, owner.Name) : null;
}
