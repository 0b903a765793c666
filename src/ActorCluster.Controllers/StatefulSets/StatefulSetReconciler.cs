using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>Keeps a StatefulSet's pods, each with its own name (pkg/controller/statefulset). Keys are "ns/name".</summary>
/// <remarks>A pod's successor can't be made before the pod is gone from the API: on a node that is lost, it waits until someone says so.</remarks>
internal sealed class StatefulSetReconciler : PodWorkloadReconciler<V1StatefulSet>
{
    private readonly OwnedRevisions _revisions;
    private readonly Informer<V1PersistentVolumeClaim> _claimCache;
    private readonly StatefulClaimControl _claims;

    public StatefulSetReconciler(ControllerServices services) : base(services, "statefulset-controller", OwnerKind.StatefulSet, new StatefulEventWording())
    {
        _revisions = new OwnedRevisions(services.Informers, Kind);
        _claimCache = services.Informers.Of<V1PersistentVolumeClaim>();
        _claims = new StatefulClaimControl(Client, Events, _claimCache);
    }

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        _revisions.Attach(queue, Adopters, Awaits);
        // A claim that is gone may be what a pod waits for; one that is there may lack its owner.
        _claimCache.Changed += (before, after) =>
        {
            var claim = (after ?? before)!;
            foreach (var set in ByNamespace.Get(claim.Metadata.NamespaceProperty).Where(set => StatefulClaims.IsNameOf(set, claim.Metadata.Name))) queue.Add(KeyOf(set));
        };
    }

    protected override V1LabelSelector? SelectorOf(V1StatefulSet set) => set.Spec.Selector;

    protected override bool MayAdopt(V1StatefulSet set, V1Pod orphan) => base.MayAdopt(set, orphan) && StatefulPods.OrdinalOf(set, orphan) is not null;

    protected override string? VersionOf(string written) => _revisions.VersionOf(written);

    protected override async Task<ReconcileResult> SyncAsync(string key, V1StatefulSet set, CancellationToken cancellationToken)
    {
        var mayAct = Expectations.Satisfied(set.Metadata.Uid);
        var pods = await ClaimAsync(set, Claim<V1Pod>.Of(set, set.Spec.Selector, Members(set)), cancellationToken);
        if (pods is null) return ReconcileResult.Done;
        var revisions = await ClaimAsync(set, _revisions.ClaimOf(set, set.Spec.Selector), cancellationToken);
        if (revisions is null) return ReconcileResult.Done;

        void OnWritten(V1ControllerRevision revision) => Wrote(key, OwnedRevisions.KeyOf(revision), revision.Metadata.ResourceVersion);
        var history = await StatefulHistory.BringUpAsync(Client, set, revisions, OnWritten, cancellationToken);
        return await ManageAsync(key, set, pods, history, mayAct, cancellationToken);
    }

    private async Task<ReconcileResult> ManageAsync(
        string key, V1StatefulSet set, IReadOnlyList<V1Pod> pods, StatefulHistory history, bool mayAct, CancellationToken cancellationToken)
    {
        var view = StatefulView.Of(set, pods, history.Current.Metadata.Name, history.Update.Metadata.Name, Services.Now);
        var failure = mayAct ? await ActAsync(view, history, cancellationToken) : null;

        var status = StatefulStatus.Calculate(view, history.CollisionCount);
        if (!StatefulStatus.Same(set.Status, status)) await WriteStatusAsync(key, set with { Status = status }, cancellationToken);

        foreach (var revision in history.Expired(set, pods))
            await Client.DeleteAsync<V1ControllerRevision>(revision.Metadata.NamespaceProperty, revision.Metadata.Name, ct: cancellationToken);
        if (failure is not null) throw failure;
        return new ReconcileResult(PodFacts.NextAvailability(pods, set.Spec.MinReadySeconds ?? 0, Services.Now));
    }

    private async Task<Exception?> ActAsync(StatefulView view, StatefulHistory history, CancellationToken cancellationToken)
    {
        var set = view.Set;
        var plan = StatefulPlan.Of(view);
        await KeepClaimsAsync(view, cancellationToken);
        foreach (var pod in plan.Identify) await Pods.LabelAsync(set, pod, StatefulPods.IdentityOf(set, StatefulPods.OrdinalOf(set, pod)!.Value), cancellationToken);
        var (create, waiting) = await ClaimAsync(view, plan.Create, cancellationToken);
        if (create.Count == 0 && plan.Delete.Count == 0) return waiting;
        var current = history.CurrentTemplate(set);
        Expectations.Expect(set.Metadata.Uid, create.Count, plan.Delete.Select(pod => pod.Metadata.Uid));
        var creation = await Pods.CreateAsync(set, create.Count, number => NewPod(view, create[number], current), cancellationToken);
        return await Pods.DeleteAsync(set, plan.Delete, cancellationToken) ?? creation ?? waiting;
    }

    private async Task KeepClaimsAsync(StatefulView view, CancellationToken cancellationToken)
    {
        if (view.Set.Spec.VolumeClaimTemplates is not { Count: > 0 } || view.Set.Metadata.DeletionTimestamp is not null) return;
        foreach (var pod in view.Replicas.OfType<V1Pod>()) await _claims.KeepOwnersAsync(view.Set, pod, isBeyond: false, cancellationToken);
        foreach (var pod in view.Condemned) await _claims.KeepOwnersAsync(view.Set, pod, isBeyond: true, cancellationToken);
    }

    /// <summary>Sees to the claims of pods that are to be made.</summary>
    /// <returns>The pods that have theirs, and why another doesn't.</returns>
    private async Task<(List<int> Ready, Exception? Failure)> ClaimAsync(StatefulView view, IReadOnlyList<int> indexes, CancellationToken cancellationToken)
    {
        List<int> ready = [];
        Exception? failure = null;
        foreach (var index in indexes)
        {
            var ordinal = view.OrdinalAt(index);
            if (_claims.IsStale(view.Set, ordinal)) continue;
            if (await _claims.EnsureAsync(view.Set, ordinal, cancellationToken) is { } fault) failure ??= fault;
            else ready.Add(index);
        }

        return (ready, failure);
    }

    private static V1Pod NewPod(StatefulView view, int index, V1PodTemplateSpec current) => view.IsOfCurrent(index)
        ? StatefulPods.For(view.Set, view.OrdinalAt(index), current, view.Current)
        : StatefulPods.For(view.Set, view.OrdinalAt(index), view.Set.Spec.Template, view.Update);

    /// <summary>Its pods and orphans, of those whose names are the set's.</summary>
    private IEnumerable<V1Pod> Members(V1StatefulSet set) => PodsByController.OwnedOrOrphaned(set).Where(pod => StatefulPods.OrdinalOf(set, pod) is not null);
}
