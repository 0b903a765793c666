using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>Keeps the number of a ReplicaSet's pods (pkg/controller/replicaset/replica_set.go). Keys are "ns/name".</summary>
internal sealed class ReplicaSetReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly ControllerServices _services;
    private readonly Informer<V1ReplicaSet> _sets;
    private readonly InformerIndex<V1ReplicaSet> _setsByController;
    private readonly InformerIndex<V1ReplicaSet> _setsByNamespace;
    private readonly Informer<V1Pod> _podInformer;
    private readonly InformerIndex<V1Pod> _podsByController;
    private readonly Expectations _expectations;
    private readonly CacheLag _lag;
    private readonly Ownership<V1ReplicaSet> _ownership;
    private readonly PodControl _pods;

    public ReplicaSetReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _setsByController = services.Informers.ByController<V1ReplicaSet>();
        _setsByNamespace = services.Informers.ByNamespace<V1ReplicaSet>();
        _podsByController = services.Informers.ByController<V1Pod>();
        _sets = services.Informers.Of<V1ReplicaSet>();
        _podInformer = services.Informers.Of<V1Pod>();
        _expectations = new Expectations(services.Clock);
        _lag = new CacheLag(services.Clock);
        _ownership = new Ownership<V1ReplicaSet>(_client, OwnerKind.ReplicaSet);
        _pods = new PodControl(_client, services.EventsFor(_client, Name), _expectations);
    }

    public string Name => "replicaset-controller";

    public void Attach(IReconcileQueue queue)
    {
        _sets.Changed += (before, after) =>
        {
            if (after is null || (before is not null && before.Metadata.Uid != after.Metadata.Uid)) _expectations.Forget(before!.Metadata.Uid);
            queue.Add(KeyOf(after ?? before!));
        };
        _podInformer.Changed += new OwnedPodWatch(OwnerKind.ReplicaSet, _expectations, queue, Adopters).OnChanged;
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_sets.Get(ns, name) is not { } set)
        {
            _lag.Forget(key);
            return ReconcileResult.Done;
        }

        if (_lag.Behind(key, _ => set.Metadata.ResourceVersion)) return ReconcileResult.After(CacheLag.Patience);
        var manage = _expectations.Satisfied(set.Metadata.Uid);
        var decision = ReplicaSetDecision.Of(set, _podsByController.OwnedOrOrphaned(set), () => RelatedPods(set), manage, _services.Now);
        await _ownership.ApplyAsync(set, decision.Claim, cancellationToken);

        var failure = decision.Create > 0 ? await CreateAsync(set, decision.Create, cancellationToken)
            : decision.Delete.Count > 0 ? await DeleteAsync(set, decision.Delete, cancellationToken)
            : null;

        var now = _services.Now;
        var status = ReplicaSetStatus.Calculate(set, decision.Claim.Owned, decision.Terminating.Count, failure, now);
        if (!ReplicaSetStatus.Same(set.Status, status))
        {
            var written = await _client.UpdateAsync(set with { Status = status }, "status", cancellationToken);
            _lag.Wrote(key, key, written.Metadata.ResourceVersion);
        }

        if (failure is not null) throw failure;
        return new ReconcileResult(PodFacts.NextAvailability(decision.Claim.Owned, set.Spec.MinReadySeconds ?? 0, now));
    }

    private IEnumerable<string> Adopters(V1Pod orphan) =>
        PodFacts.IsActive(orphan)
            ? _setsByNamespace.Get(orphan.Metadata.NamespaceProperty).Where(set => LabelSelectors.Matches(set.Spec.Selector, orphan.Metadata.Labels)).Select(KeyOf)
            : [];

    /// <summary>Pods of all replica sets of the same owner, to judge how full the nodes are.</summary>
    private IReadOnlyList<V1Pod> RelatedPods(V1ReplicaSet set) =>
        Owners.ControllerOf(set) is { } owner
            ? [.. _setsByController.Get(owner.Uid).SelectMany(sibling => _podsByController.Get(sibling.Metadata.Uid))]
            : _podsByController.Get(set.Metadata.Uid);

    private async Task<Exception?> CreateAsync(V1ReplicaSet set, int count, CancellationToken cancellationToken)
    {
        // Pods that go because their replica set is being deleted are not to be replaced.
        if (await _ownership.IsBeingDeletedAsync(set, cancellationToken)) return null;
        _expectations.Expect(set.Metadata.Uid, count, []);
        return await _pods.CreateAsync(set, count, _ => PodTemplates.PodFrom(set.Spec.Template, set, OwnerKind.ReplicaSet.Reference(set)), cancellationToken);
    }

    private Task<Exception?> DeleteAsync(V1ReplicaSet set, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        _expectations.Expect(set.Metadata.Uid, 0, pods.Select(pod => pod.Metadata.Uid));
        return _pods.DeleteAsync(set, pods, cancellationToken);
    }

    private static string KeyOf(V1ReplicaSet set) => ObjectNames.Join(set.Metadata.NamespaceProperty, set.Metadata.Name);
}
