using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>Rolls a Deployment's pods from one template to the next (pkg/controller/deployment). Keys are "ns/name".</summary>
internal sealed class DeploymentReconciler : WorkloadReconciler<V1Deployment>
{
    private readonly Informer<V1ReplicaSet> _sets;
    private readonly InformerIndex<V1ReplicaSet> _setsByController;
    private readonly Informer<V1Pod> _pods;
    private readonly InformerIndex<V1Pod> _podsByController;

    public DeploymentReconciler(ControllerServices services) : base(services, "deployment-controller", OwnerKind.Deployment)
    {
        _setsByController = services.Informers.ByController<V1ReplicaSet>();
        _podsByController = services.Informers.ByController<V1Pod>();
        _sets = services.Informers.Of<V1ReplicaSet>();
        _pods = services.Informers.Of<V1Pod>();
    }

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        _sets.Changed += (before, after) => OnReplicaSetChanged(before, after, queue);
        _pods.Changed += (before, after) =>
        {
            // Only Recreate waits for pods to be gone; everything else it learns from its replica sets.
            if (before is not null && (after is null || (PodFacts.IsTerminal(after) && !PodFacts.IsTerminal(before)))) EnqueueRecreate(before, queue);
        };
    }

    protected override async Task<ReconcileResult> SyncAsync(string key, V1Deployment deployment, CancellationToken cancellationToken)
    {
        if (IsSelectingAll(deployment, deployment.Spec.Selector, "deployment")) return ReconcileResult.Done;
        var sync = new DeploymentSync(Services, Client, Events, deployment, (written, version) => Wrote(key, written, version));
        var sets = await ClaimAsync(deployment, cancellationToken);
        return await sync.RunAsync(sets, set => _podsByController.Get(set.Metadata.Uid), cancellationToken);
    }

    protected override string? VersionOf(string written)
    {
        var (ns, name) = ObjectNames.Split(written[DeploymentSync.ReplicaSetPrefix.Length..]);
        return _sets.Get(ns, name)?.Metadata.ResourceVersion;
    }

    /// <summary>The replica sets that it controls, with orphans adopted and misfits let go.</summary>
    private async Task<IReadOnlyList<V1ReplicaSet>> ClaimAsync(V1Deployment deployment, CancellationToken cancellationToken)
    {
        var claim = Claim<V1ReplicaSet>.Of(deployment, deployment.Spec.Selector, _setsByController.OwnedOrOrphaned(deployment));
        await Ownership.ApplyAsync(deployment, claim, cancellationToken);
        // Adopted ones come back by the watch, with their new version.
        return claim.Adopt.Count == 0 ? claim.Owned : [.. claim.Owned.Where(set => !claim.Adopt.Contains(set))];
    }

    private void OnReplicaSetChanged(V1ReplicaSet? before, V1ReplicaSet? after, IReconcileQueue queue)
    {
        foreach (var set in new[] { before, after })
        {
            if (set is not null && OwnerKind.Deployment.Of(set) is { } owner) queue.Add(ObjectNames.Join(set.Metadata.NamespaceProperty, owner.Name));
        }

        if (after is null || Owners.ControllerOf(after) is not null || after.Metadata.Labels is not { Count: > 0 }) return;
        foreach (var deployment in ByNamespace.Get(after.Metadata.NamespaceProperty))
        {
            if (LabelSelectors.Matches(deployment.Spec.Selector, after.Metadata.Labels)) queue.Add(KeyOf(deployment));
        }
    }

    private void EnqueueRecreate(V1Pod pod, IReconcileQueue queue)
    {
        if (OwnerKind.ReplicaSet.Of(pod) is not { } owner) return;
        if (_sets.Get(pod.Metadata.NamespaceProperty, owner.Name) is not { } set || OwnerKind.Deployment.Of(set) is not { } ownerOfSet) return;
        if (Cache.Get(pod.Metadata.NamespaceProperty, ownerOfSet.Name) is { Spec.Strategy.Type: "Recreate" } deployment) queue.Add(KeyOf(deployment));
    }
}
