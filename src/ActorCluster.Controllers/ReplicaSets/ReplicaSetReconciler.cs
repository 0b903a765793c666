using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>Keeps the number of a ReplicaSet's pods (pkg/controller/replicaset/replica_set.go). Keys are "ns/name".</summary>
internal sealed class ReplicaSetReconciler : IReconciler
{
    private const string Kind = "ReplicaSet";
    private const string ApiVersion = "apps/v1";

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1ReplicaSet> _sets;
    private readonly InformerIndex<V1ReplicaSet> _setsByController;
    private readonly InformerIndex<V1ReplicaSet> _setsByNamespace;
    private readonly Informer<V1Pod> _pods;
    private readonly InformerIndex<V1Pod> _podsByController;
    private readonly Expectations _expectations;
    private readonly CacheLag _lag;

    public ReplicaSetReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _setsByController = services.Informers.ByController<V1ReplicaSet>();
        _setsByNamespace = services.Informers.ByNamespace<V1ReplicaSet>();
        _podsByController = services.Informers.ByController<V1Pod>();
        _sets = services.Informers.Of<V1ReplicaSet>();
        _pods = services.Informers.Of<V1Pod>();
        _expectations = new Expectations(services.Clock);
        _lag = new CacheLag(services.Clock);
    }

    public string Name => "replicaset-controller";

    public void Attach(IReconcileQueue queue)
    {
        _sets.Changed += (before, after) =>
        {
            if (after is null || (before is not null && before.Metadata.Uid != after.Metadata.Uid)) _expectations.Forget(before!.Metadata.Uid);
            queue.Add(KeyOf(after ?? before!));
        };
        _pods.Changed += (before, after) => OnPodChanged(before, after, queue);
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
        if (decision.Adopt.Count > 0) await AdoptAsync(set, decision.Adopt, cancellationToken);
        foreach (var pod in decision.Release) await ReleaseAsync(set, pod, cancellationToken);

        var failure = decision.Create > 0 ? await CreateAsync(set, decision.Create, cancellationToken)
            : decision.Delete.Count > 0 ? await DeleteAsync(set, decision.Delete, cancellationToken)
            : null;

        var now = _services.Now;
        var status = ReplicaSetStatus.Calculate(set, decision.Owned, decision.Terminating.Count, failure, now);
        if (!ReplicaSetStatus.Same(set.Status, status))
        {
            var written = await _client.UpdateAsync(set with { Status = status }, "status", cancellationToken);
            _lag.Wrote(key, key, written.Metadata.ResourceVersion);
        }

        if (failure is not null) throw failure;
        return new ReconcileResult(ReplicaSetStatus.NextAvailability(set, decision.Owned, now));
    }

    private void OnPodChanged(V1Pod? before, V1Pod? after, IReconcileQueue queue)
    {
        var ownerBefore = before is null ? null : OwnerOf(before);
        var ownerAfter = after is null ? null : OwnerOf(after);
        if (before is null && ownerAfter is not null) _expectations.CreationObserved(ownerAfter.Uid);
        // A pod that is being deleted no longer counts, whether or not it is gone.
        var gone = after is null || (PodFacts.IsDeleting(after) && (before is null || !PodFacts.IsDeleting(before)));
        if (gone && (ownerBefore ?? ownerAfter) is { } owner) _expectations.DeletionObserved(owner.Uid, (before ?? after!).Metadata.Uid);

        if (ownerAfter is not null) EnqueueOwner(after!, ownerAfter, queue);
        if (ownerBefore is not null && ownerBefore.Uid != ownerAfter?.Uid) EnqueueOwner(before!, ownerBefore, queue);
        if (after is not null && Owners.ControllerOf(after) is null && PodFacts.IsActive(after)) EnqueueAdopters(after, queue);
    }

    private static V1OwnerReference? OwnerOf(V1Pod pod) => Owners.ControllerOf(pod) is { Kind: Kind } owner ? owner : null;

    private static void EnqueueOwner(V1Pod pod, V1OwnerReference owner, IReconcileQueue queue) =>
        queue.Add(ObjectNames.Join(pod.Metadata.NamespaceProperty, owner.Name));

    private void EnqueueAdopters(V1Pod orphan, IReconcileQueue queue)
    {
        if (orphan.Metadata.Labels is not { Count: > 0 }) return;
        foreach (var set in _setsByNamespace.Get(orphan.Metadata.NamespaceProperty))
        {
            if (LabelSelectors.Matches(set.Spec.Selector, orphan.Metadata.Labels)) queue.Add(KeyOf(set));
        }
    }

    /// <summary>Pods of all replica sets of the same owner, to judge how full the nodes are.</summary>
    private IReadOnlyList<V1Pod> RelatedPods(V1ReplicaSet set) =>
        Owners.ControllerOf(set) is { } owner
            ? [.. _setsByController.Get(owner.Uid).SelectMany(sibling => _podsByController.Get(sibling.Metadata.Uid))]
            : _podsByController.Get(set.Metadata.Uid);

    /// <summary>Asks the API, since the cache may be old: the watch of pods can be ahead of that of replica sets.</summary>
    private async Task<bool> IsBeingDeletedAsync(V1ReplicaSet set, CancellationToken cancellationToken)
    {
        var fresh = await _client.GetAsync<V1ReplicaSet>(set.Metadata.NamespaceProperty, set.Metadata.Name, cancellationToken);
        return fresh?.Metadata.Uid != set.Metadata.Uid || fresh.Metadata.DeletionTimestamp is not null;
    }

    private async Task AdoptAsync(V1ReplicaSet set, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        // Whoever is being deleted must not take pods, or the garbage collector would delete them.
        if (await IsBeingDeletedAsync(set, cancellationToken)) return;
        foreach (var pod in pods)
            await OwnerPatch.AddControllerAsync(_client, pod, Owners.ControllerReference(set, ApiVersion, Kind), cancellationToken);
    }

    private Task ReleaseAsync(V1ReplicaSet set, V1Pod pod, CancellationToken cancellationToken) =>
        OwnerPatch.RemoveAsync(_client, pod, set.Metadata.Uid, cancellationToken);

    private async Task<Exception?> CreateAsync(V1ReplicaSet set, int count, CancellationToken cancellationToken)
    {
        // Pods that go because their replica set is being deleted are not to be replaced.
        if (await IsBeingDeletedAsync(set, cancellationToken)) return null;
        _expectations.ExpectCreations(set.Metadata.Uid, count);
        var (successes, failure) = await SlowStart.RunAsync(count, () => CreateOneAsync(set, cancellationToken));
        if (successes < count) _expectations.CreationObserved(set.Metadata.Uid, count - successes);
        return failure is ApiStatusException status && NamespaceTermination.IsCauseOf(status) ? null : failure;
    }

    private async Task<Exception?> CreateOneAsync(V1ReplicaSet set, CancellationToken cancellationToken)
    {
        try
        {
            var pod = await _client.CreateAsync(PodTemplates.PodFrom(set.Spec.Template, set, Owners.ControllerReference(set, ApiVersion, Kind)), cancellationToken);
            _events.Record(set, "Normal", "SuccessfulCreate", $"Created pod: {pod.Metadata.Name}");
            return null;
        }
        catch (ApiStatusException refused)
        {
            if (!NamespaceTermination.IsCauseOf(refused)) _events.Record(set, "Warning", "FailedCreate", $"Error creating: {refused.Message}");
            return refused;
        }
        catch (ApiUnavailableException unavailable)
        {
            return unavailable;
        }
    }

    private async Task<Exception?> DeleteAsync(V1ReplicaSet set, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        _expectations.ExpectDeletions(set.Metadata.Uid, pods.Select(pod => pod.Metadata.Uid));
        var failures = await Task.WhenAll(pods.Select(pod => DeleteOneAsync(set, pod, cancellationToken)));
        return failures.FirstOrDefault(failure => failure is not null);
    }

    private async Task<Exception?> DeleteOneAsync(V1ReplicaSet set, V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            var deleted = await _client.DeleteAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name, new DeleteOptions(PreconditionUid: pod.Metadata.Uid), cancellationToken);
            if (deleted) _events.Record(set, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            else _expectations.DeletionObserved(set.Metadata.Uid, pod.Metadata.Uid);
            return null;
        }
        catch (Exception failure) when (failure is ApiStatusException or ApiUnavailableException)
        {
            _expectations.DeletionObserved(set.Metadata.Uid, pod.Metadata.Uid);
            if (failure is ApiStatusException { Code: not 409 }) _events.Record(set, "Warning", "FailedDelete", $"Error deleting: {failure.Message}");
            return failure;
        }
    }

    private static string KeyOf(V1ReplicaSet set) => ObjectNames.Join(set.Metadata.NamespaceProperty, set.Metadata.Name);
}
