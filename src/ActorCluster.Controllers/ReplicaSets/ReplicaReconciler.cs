using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>Keeps the number of pods of whatever can be seen as a ReplicaSet (pkg/controller/replicaset/replica_set.go).</summary>
internal abstract class ReplicaReconciler<T> : PodWorkloadReconciler<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly InformerIndex<T> _byController;

    protected ReplicaReconciler(ControllerServices services, string name, OwnerKind kind) : base(services, name, kind) =>
        _byController = services.Informers.ByController<T>();

    /// <summary>The workload as a ReplicaSet, with the metadata it has.</summary>
    protected abstract V1ReplicaSet AsReplicaSet(T workload);

    protected abstract T WithStatus(T workload, V1ReplicaSetStatus status);

    protected override V1LabelSelector? SelectorOf(T workload) => AsReplicaSet(workload).Spec.Selector;

    protected override bool MayAdopt(T workload, V1Pod orphan) => PodFacts.IsActive(orphan) && base.MayAdopt(workload, orphan);

    protected override async Task<ReconcileResult> SyncAsync(string key, T workload, CancellationToken cancellationToken)
    {
        var set = AsReplicaSet(workload);
        var manage = Expectations.Satisfied(set.Metadata.Uid);
        var decision = ReplicaSetDecision.Of(set, PodsByController.OwnedOrOrphaned(set), () => RelatedPods(workload), manage, Services.Now);
        await Ownership.ApplyAsync(workload, decision.Claim, cancellationToken);

        var failure = decision.Create > 0 ? await CreateAsync(workload, set.Spec.Template, decision.Create, cancellationToken)
            : decision.Delete.Count > 0 ? await DeleteAsync(workload, decision.Delete, cancellationToken)
            : null;

        var now = Services.Now;
        var updated = WithStatus(workload, ReplicaSetStatus.Calculate(set, decision.Claim.Owned, decision.Terminating.Count, failure, now));
        if (!ReplicaSetStatus.Same(set.Status, AsReplicaSet(updated).Status)) await WriteStatusAsync(key, updated, cancellationToken);
        if (failure is not null) throw failure;
        return new ReconcileResult(PodFacts.NextAvailability(decision.Claim.Owned, set.Spec.MinReadySeconds ?? 0, now));
    }

    /// <summary>Pods of all workloads of the same owner, to judge how full the nodes are.</summary>
    private IReadOnlyList<V1Pod> RelatedPods(T workload) =>
        Owners.ControllerOf(workload) is { } owner
            ? [.. _byController.Get(owner.Uid).SelectMany(sibling => PodsByController.Get(sibling.Metadata.Uid))]
            : PodsByController.Get(workload.Metadata.Uid);

    private async Task<Exception?> CreateAsync(T workload, V1PodTemplateSpec template, int count, CancellationToken cancellationToken)
    {
        // Pods that go because their owner is being deleted are not to be replaced.
        if (await Ownership.IsBeingDeletedAsync(workload, cancellationToken)) return null;
        Expectations.Expect(workload.Metadata.Uid, count, []);
        return await Pods.CreateAsync(workload, count, _ => PodTemplates.PodFrom(template, workload, Kind.Reference(workload)), cancellationToken);
    }

    private Task<Exception?> DeleteAsync(T workload, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        Expectations.Expect(workload.Metadata.Uid, 0, pods.Select(pod => pod.Metadata.Uid));
        return Pods.DeleteAsync(workload, pods, cancellationToken);
    }
}
