using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>Rolls a Deployment's pods from one template to the next (pkg/controller/deployment). Keys are "ns/name".</summary>
internal sealed class DeploymentReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1Deployment> _deployments;
    private readonly InformerIndex<V1Deployment> _deploymentsByNamespace;
    private readonly Informer<V1ReplicaSet> _sets;
    private readonly InformerIndex<V1ReplicaSet> _setsByController;
    private readonly Informer<V1Pod> _pods;
    private readonly InformerIndex<V1Pod> _podsByController;
    private readonly CacheLag _lag;
    private readonly Ownership<V1Deployment> _ownership;

    public DeploymentReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _deploymentsByNamespace = services.Informers.ByNamespace<V1Deployment>();
        _setsByController = services.Informers.ByController<V1ReplicaSet>();
        _podsByController = services.Informers.ByController<V1Pod>();
        _deployments = services.Informers.Of<V1Deployment>();
        _sets = services.Informers.Of<V1ReplicaSet>();
        _pods = services.Informers.Of<V1Pod>();
        _lag = new CacheLag(services.Clock);
        _ownership = new Ownership<V1Deployment>(_client, OwnerKind.Deployment);
    }

    public string Name => "deployment-controller";

    public void Attach(IReconcileQueue queue)
    {
        _deployments.Changed += (before, after) => queue.Add(KeyOf(after ?? before!));
        _sets.Changed += (before, after) => OnReplicaSetChanged(before, after, queue);
        _pods.Changed += (before, after) =>
        {
            // Only Recreate waits for pods to be gone; everything else it learns from its replica sets.
            if (before is not null && (after is null || (PodFacts.IsTerminal(after) && !PodFacts.IsTerminal(before)))) EnqueueRecreate(before, queue);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_deployments.Get(ns, name) is not { } cached)
        {
            _lag.Forget(key);
            return ReconcileResult.Done;
        }

        if (_lag.Behind(key, written => VersionOf(cached, written))) return ReconcileResult.After(CacheLag.Patience);
        if (LabelSelectors.IsEmpty(cached.Spec.Selector))
        {
            _events.Record(cached, "Warning", "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
            return ReconcileResult.Done;
        }

        var sync = new DeploymentSync(_services, _client, _events, cached, (written, version) => _lag.Wrote(key, written, version));
        var sets = await ClaimAsync(cached, cancellationToken);
        return await sync.RunAsync(sets, set => _podsByController.Get(set.Metadata.Uid), cancellationToken);
    }

    /// <summary>The replica sets that it controls, with orphans adopted and misfits let go.</summary>
    private async Task<IReadOnlyList<V1ReplicaSet>> ClaimAsync(V1Deployment deployment, CancellationToken cancellationToken)
    {
        var claim = Claim<V1ReplicaSet>.Of(deployment, deployment.Spec.Selector, _setsByController.OwnedOrOrphaned(deployment));
        await _ownership.ApplyAsync(deployment, claim, cancellationToken);
        // Adopted ones come back by the watch, with their new version.
        return claim.Adopt.Count == 0 ? claim.Owned : [.. claim.Owned.Where(set => !claim.Adopt.Contains(set))];
    }

    private string? VersionOf(V1Deployment cached, string written)
    {
        if (written == KeyOf(cached)) return cached.Metadata.ResourceVersion;
        var (ns, name) = ObjectNames.Split(written[DeploymentSync.ReplicaSetPrefix.Length..]);
        return _sets.Get(ns, name)?.Metadata.ResourceVersion;
    }

    private void OnReplicaSetChanged(V1ReplicaSet? before, V1ReplicaSet? after, IReconcileQueue queue)
    {
        foreach (var set in new[] { before, after })
        {
            if (set is not null && OwnerKind.Deployment.Of(set) is { } owner) queue.Add(ObjectNames.Join(set.Metadata.NamespaceProperty, owner.Name));
        }

        if (after is null || Owners.ControllerOf(after) is not null || after.Metadata.Labels is not { Count: > 0 }) return;
        foreach (var deployment in _deploymentsByNamespace.Get(after.Metadata.NamespaceProperty))
        {
            if (LabelSelectors.Matches(deployment.Spec.Selector, after.Metadata.Labels)) queue.Add(KeyOf(deployment));
        }
    }

    private void EnqueueRecreate(V1Pod pod, IReconcileQueue queue)
    {
        if (OwnerKind.ReplicaSet.Of(pod) is not { } owner) return;
        if (_sets.Get(pod.Metadata.NamespaceProperty, owner.Name) is not { } set || OwnerKind.Deployment.Of(set) is not { } ownerOfSet) return;
        if (_deployments.Get(pod.Metadata.NamespaceProperty, ownerOfSet.Name) is { Spec.Strategy.Type: "Recreate" } deployment) queue.Add(KeyOf(deployment));
    }

    private static string KeyOf(V1Deployment deployment) => ObjectNames.Join(deployment.Metadata.NamespaceProperty, deployment.Metadata.Name);
}
