using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>Keeps one pod of a DaemonSet on each node that is one for it (pkg/controller/daemon). Keys are "ns/name".</summary>
internal sealed class DaemonSetReconciler : PodWorkloadReconciler<V1DaemonSet>
{
    /// <summary>BurstReplicas in pkg/controller/daemon/daemon_controller.go.</summary>
    private const int Burst = 250;

    private readonly Informer<V1Node> _nodes;
    private readonly OwnedRevisions _revisions;
    private readonly FailedPodBackoff _backoff;

    public DaemonSetReconciler(ControllerServices services) : base(services, "daemonset-controller", OwnerKind.DaemonSet)
    {
        _nodes = services.Informers.Of<V1Node>();
        _revisions = new OwnedRevisions(services.Informers, Kind);
        _backoff = new FailedPodBackoff(services.Clock);
    }

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        _revisions.Attach(queue, Adopters, Awaits);
        _nodes.Changed += (before, after) => OnNodeChanged(before, after, queue);
    }

    protected override V1LabelSelector? SelectorOf(V1DaemonSet set) => set.Spec.Selector;

    protected override string? VersionOf(string written) => _revisions.VersionOf(written);

    protected override async Task<ReconcileResult> SyncAsync(string key, V1DaemonSet set, CancellationToken cancellationToken)
    {
        if (IsSelectingAll(set, set.Spec.Selector, "daemon set")) return ReconcileResult.Done;

        // Whether its revisions and pods are still there, and whose they are, nobody knows now.
        if (set.Metadata.DeletionTimestamp is not null) return ReconcileResult.Done;

        var mayAct = Expectations.Satisfied(set.Metadata.Uid);
        var pods = await ClaimAsync(set, Claim<V1Pod>.Of(set, set.Spec.Selector, PodsByController.OwnedOrOrphaned(set)), cancellationToken);
        var revisions = await ClaimAsync(set, _revisions.ClaimOf(set, set.Spec.Selector), cancellationToken);
        if (pods is null || revisions is null) return ReconcileResult.Done;
        void OnWritten(V1ControllerRevision revision) => Wrote(key, OwnedRevisions.KeyOf(revision), revision.Metadata.ResourceVersion);
        var history = await DaemonHistory.BringUpAsync(Client, set, revisions, pods, OnWritten, cancellationToken);
        return history is null ? ReconcileResult.Done : await ManageAsync(key, set, pods, history, mayAct, cancellationToken);
    }

    private async Task<ReconcileResult> ManageAsync(
        string key, V1DaemonSet set, IReadOnlyList<V1Pod> pods, DaemonHistory history, bool mayAct, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        TimeSpan? next = null;
        if (mayAct)
        {
            (failure, next) = await ActAsync(set, DaemonNodes.Of(set, Nodes(), pods), history.Hash, cancellationToken);
            if (failure is null) await history.CleanUpAsync(Client, set, pods, cancellationToken);
        }

        var now = Services.Now;
        var present = Claim<V1Pod>.Of(set, set.Spec.Selector, PodsByController.Get(set.Metadata.Uid)).Owned;
        var status = DaemonStatus.Calculate(DaemonNodes.Of(set, Nodes(), present), history.Hash, observed: mayAct, now);
        if (!DaemonStatus.Same(set.Status, status)) await WriteStatusAsync(key, set with { Status = status }, cancellationToken);

        if (failure is not null) throw failure;
        return new ReconcileResult(ReconcileResult.Earlier(next, PodFacts.NextAvailability(present, set.Spec.MinReadySeconds ?? 0, now)));
    }

    /// <summary>Makes and deletes what the nodes need; and only when they have it, a step of the rollout.</summary>
    /// <returns>What failed; when failed pods may be deleted that had to wait.</returns>
    private async Task<(Exception? Failure, TimeSpan? Next)> ActAsync(V1DaemonSet set, DaemonNodes nodes, string hash, CancellationToken cancellationToken)
    {
        var plan = DaemonPlan.Of(nodes, hash, Services.Now);
        var delete = plan.Delete.ToList();
        TimeSpan? next = null;
        foreach (var ended in plan.Ended)
        {
            if (MayDelete(set, ended) is { } wait) next = ReconcileResult.Earlier(next, wait);
            else delete.Add(ended.Pod);
        }

        if (plan.Create.Count > 0 || delete.Count > 0) return (await ApplyAsync(set, plan.Create, delete, hash, cancellationToken), next);
        var rollout = DaemonRollout.Of(nodes, hash, Services.Now);
        return (await ApplyAsync(set, rollout.Create, rollout.Delete, hash, cancellationToken), next);
    }

    private TimeSpan? MayDelete(V1DaemonSet set, EndedPod ended)
    {
        var pod = PodFacts.KeyOf(ended.Pod);
        if (!ended.Failed)
        {
            Events.Record(set, "Normal", "SucceededDaemonPod", $"Found succeeded daemon pod {pod} on node {ended.Node}, will try to delete it");
            return null;
        }

        if (_backoff.TryPass($"{set.Metadata.Uid}/{set.Status?.ObservedGeneration ?? 0}/{ended.Node}") is { } wait) return wait;
        Events.Record(set, "Warning", "FailedDaemonPod", $"Found failed daemon pod {pod} on node {ended.Node}, will try to kill it");
        return null;
    }

    private async Task<Exception?> ApplyAsync(
        V1DaemonSet set, IReadOnlyList<string> nodes, IReadOnlyList<V1Pod> delete, string hash, CancellationToken cancellationToken)
    {
        if (nodes.Count == 0 && delete.Count == 0) return null;
        var gone = delete.Take(Burst).ToList();
        var create = Math.Min(nodes.Count, Burst);
        Expectations.Expect(set.Metadata.Uid, create, gone.Select(pod => pod.Metadata.Uid));
        var creation = await Pods.CreateAsync(set, create, number => DaemonPods.For(set, nodes[number], hash), cancellationToken);
        return await Pods.DeleteAsync(set, gone, cancellationToken) ?? creation;
    }

    private IEnumerable<V1Node> Nodes() => _nodes.List();

    /// <summary>A node is of interest to the sets for which it became, or ceased to be, one to run on.</summary>
    private void OnNodeChanged(V1Node? before, V1Node? after, IReconcileQueue queue)
    {
        foreach (var set in Cache.List())
        {
            if (before is null || after is null || NodeFit.Of(set, before) != NodeFit.Of(set, after)) queue.Add(KeyOf(set));
        }
    }
}
