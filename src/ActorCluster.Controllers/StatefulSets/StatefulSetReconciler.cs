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

    public StatefulSetReconciler(ControllerServices services) : base(services, "statefulset-controller", OwnerKind.StatefulSet, new StatefulEventWording()) =>
        _revisions = new OwnedRevisions(services.Informers, Kind);

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        _revisions.Attach(queue);
    }

    protected override V1LabelSelector? SelectorOf(V1StatefulSet set) => set.Spec.Selector;

    protected override bool MayAdopt(V1StatefulSet set, V1Pod orphan) => base.MayAdopt(set, orphan) && StatefulPods.OrdinalOf(set, orphan) is not null;

    protected override string? VersionOf(string written) => _revisions.VersionOf(written);

    protected override async Task<ReconcileResult> SyncAsync(string key, V1StatefulSet set, CancellationToken cancellationToken)
    {
        var pods = await ClaimAsync(set, Claim<V1Pod>.Of(set, set.Spec.Selector, Members(set)), cancellationToken);
        if (pods is null) return ReconcileResult.Done;
        var revisions = await ClaimAsync(set, _revisions.ClaimOf(set, set.Spec.Selector), cancellationToken);
        if (revisions is null) return ReconcileResult.Done;

        void OnWritten(V1ControllerRevision revision) => Wrote(key, OwnedRevisions.KeyOf(revision), revision.Metadata.ResourceVersion);
        var history = await StatefulHistory.BringUpAsync(Client, set, revisions, OnWritten, cancellationToken);
        return await ManageAsync(key, set, pods, history, cancellationToken);
    }

    private async Task<ReconcileResult> ManageAsync(
        string key, V1StatefulSet set, IReadOnlyList<V1Pod> pods, StatefulHistory history, CancellationToken cancellationToken)
    {
        var view = StatefulView.Of(set, pods, history.Current.Metadata.Name, history.Update.Metadata.Name, Services.Now);
        var failure = Expectations.Satisfied(set.Metadata.Uid) ? await ActAsync(view, history, cancellationToken) : null;

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
        foreach (var pod in plan.Identify) await Pods.LabelAsync(set, pod, StatefulPods.IdentityOf(set, StatefulPods.OrdinalOf(set, pod)!.Value), cancellationToken);
        if (plan.Create.Count == 0 && plan.Delete.Count == 0) return null;
        var current = history.CurrentTemplate(set);
        Expectations.Expect(set.Metadata.Uid, plan.Create.Count, plan.Delete.Select(pod => pod.Metadata.Uid));
        var creation = await Pods.CreateAsync(set, plan.Create.Count, number => NewPod(view, plan.Create[number], current), cancellationToken);
        return await Pods.DeleteAsync(set, plan.Delete, cancellationToken) ?? creation;
    }

    private static V1Pod NewPod(StatefulView view, int index, V1PodTemplateSpec current) => view.IsOfCurrent(index)
        ? StatefulPods.For(view.Set, view.OrdinalAt(index), current, view.Current)
        : StatefulPods.For(view.Set, view.OrdinalAt(index), view.Set.Spec.Template, view.Update);

    /// <summary>Its pods and orphans, of those whose names are the set's.</summary>
    private IEnumerable<V1Pod> Members(V1StatefulSet set) => PodsByController.OwnedOrOrphaned(set).Where(pod => StatefulPods.OrdinalOf(set, pod) is not null);
}
