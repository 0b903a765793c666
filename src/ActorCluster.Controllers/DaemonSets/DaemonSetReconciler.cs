using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>Keeps one pod of a DaemonSet on each node that is one for it (pkg/controller/daemon). Keys are "ns/name".</summary>
internal sealed class DaemonSetReconciler : IReconciler
{
    /// <summary>BurstReplicas in pkg/controller/daemon/daemon_controller.go.</summary>
    private const int Burst = 250;

    private const string RevisionPrefix = "controllerrevision:";

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1DaemonSet> _sets;
    private readonly InformerIndex<V1DaemonSet> _setsByNamespace;
    private readonly Informer<V1Node> _nodes;
    private readonly Informer<V1Pod> _podInformer;
    private readonly InformerIndex<V1Pod> _podsByController;
    private readonly Informer<V1ControllerRevision> _revisions;
    private readonly InformerIndex<V1ControllerRevision> _revisionsByController;
    private readonly Expectations _expectations;
    private readonly CacheLag _lag;
    private readonly Ownership<V1DaemonSet> _ownership;
    private readonly PodControl _pods;
    private readonly FailedPodBackoff _backoff;

    public DaemonSetReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _setsByNamespace = services.Informers.ByNamespace<V1DaemonSet>();
        _podsByController = services.Informers.ByController<V1Pod>();
        _revisionsByController = services.Informers.ByController<V1ControllerRevision>();
        _sets = services.Informers.Of<V1DaemonSet>();
        _nodes = services.Informers.Of<V1Node>();
        _podInformer = services.Informers.Of<V1Pod>();
        _revisions = services.Informers.Of<V1ControllerRevision>();
        _expectations = new Expectations(services.Clock);
        _lag = new CacheLag(services.Clock);
        _ownership = new Ownership<V1DaemonSet>(_client, OwnerKind.DaemonSet);
        _pods = new PodControl(_client, _events, _expectations);
        _backoff = new FailedPodBackoff(services.Clock);
    }

    public string Name => "daemonset-controller";

    public void Attach(IReconcileQueue queue)
    {
        _sets.Changed += (before, after) =>
        {
            if (after is null || (before is not null && before.Metadata.Uid != after.Metadata.Uid)) _expectations.Forget(before!.Metadata.Uid);
            queue.Add(KeyOf(after ?? before!));
        };
        _podInformer.Changed += new OwnedPodWatch(OwnerKind.DaemonSet, _expectations, queue, Adopters).OnChanged;
        _revisions.Changed += (before, after) =>
        {
            if ((after ?? before) is { } revision && OwnerKind.DaemonSet.Of(revision) is { } owner) queue.Add(ObjectNames.Join(revision.Metadata.NamespaceProperty, owner.Name));
        };
        _nodes.Changed += (before, after) => OnNodeChanged(before, after, queue);
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_sets.Get(ns, name) is not { } set)
        {
            _lag.Forget(key);
            return ReconcileResult.Done;
        }

        if (_lag.Behind(key, written => VersionOf(set, written))) return ReconcileResult.After(CacheLag.Patience);
        if (LabelSelectors.IsEmpty(set.Spec.Selector))
        {
            _events.Record(set, "Warning", "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
            return ReconcileResult.Done;
        }

        // Whether its revisions and pods are still there, and whose they are, nobody knows now.
        if (set.Metadata.DeletionTimestamp is not null) return ReconcileResult.Done;

        var pods = await ClaimAsync(set, _podsByController, cancellationToken);
        var revisions = await ClaimAsync(set, _revisionsByController, cancellationToken);
        if (pods is null || revisions is null) return ReconcileResult.Done;
        void Wrote(string revision, string? version) => _lag.Wrote(key, RevisionPrefix + revision, version);
        var history = await DaemonHistory.BringUpAsync(_client, set, revisions, pods, Wrote, cancellationToken);
        return history is null ? ReconcileResult.Done : await SyncAsync(key, set, pods, history, cancellationToken);
    }

    private async Task<ReconcileResult> SyncAsync(string key, V1DaemonSet set, IReadOnlyList<V1Pod> pods, DaemonHistory history, CancellationToken cancellationToken)
    {
        var mayAct = _expectations.Satisfied(set.Metadata.Uid);
        Exception? failure = null;
        TimeSpan? next = null;
        if (mayAct)
        {
            (failure, next) = await ActAsync(set, DaemonNodes.Of(set, Nodes(), pods), history.Hash, cancellationToken);
            if (failure is null) await history.CleanUpAsync(_client, set, pods, cancellationToken);
        }

        var now = _services.Now;
        var present = Claim<V1Pod>.Of(set, set.Spec.Selector, _podsByController.Get(set.Metadata.Uid)).Owned;
        var status = DaemonStatus.Calculate(DaemonNodes.Of(set, Nodes(), present), history.Hash, observed: mayAct, now);
        if (!DaemonStatus.Same(set.Status, status))
        {
            var written = await _client.UpdateAsync(set with { Status = status }, "status", cancellationToken);
            _lag.Wrote(key, key, written.Metadata.ResourceVersion);
        }

        if (failure is not null) throw failure;
        return new ReconcileResult(Earlier(next, PodFacts.NextAvailability(present, set.Spec.MinReadySeconds ?? 0, now)));
    }

    /// <summary>Makes and deletes what the nodes need; and only when they have it, a step of the rollout.</summary>
    /// <returns>What failed; when failed pods may be deleted that had to wait.</returns>
    private async Task<(Exception? Failure, TimeSpan? Next)> ActAsync(V1DaemonSet set, DaemonNodes nodes, string hash, CancellationToken cancellationToken)
    {
        var plan = DaemonPlan.Of(nodes, hash, _services.Now);
        var delete = plan.Delete.ToList();
        TimeSpan? next = null;
        foreach (var ended in plan.Ended)
        {
            if (MayDelete(set, ended) is { } wait) next = Earlier(next, wait);
            else delete.Add(ended.Pod);
        }

        if (plan.Create.Count > 0 || delete.Count > 0) return (await ApplyAsync(set, plan.Create, delete, hash, cancellationToken), next);
        var rollout = DaemonRollout.Of(nodes, hash, _services.Now);
        return (await ApplyAsync(set, rollout.Create, rollout.Delete, hash, cancellationToken), next);
    }

    private TimeSpan? MayDelete(V1DaemonSet set, EndedPod ended)
    {
        var pod = PodFacts.KeyOf(ended.Pod);
        if (!ended.Failed)
        {
            _events.Record(set, "Normal", "SucceededDaemonPod", $"Found succeeded daemon pod {pod} on node {ended.Node}, will try to delete it");
            return null;
        }

        if (_backoff.TryPass($"{set.Metadata.Uid}/{set.Status?.ObservedGeneration ?? 0}/{ended.Node}") is { } wait) return wait;
        _events.Record(set, "Warning", "FailedDaemonPod", $"Found failed daemon pod {pod} on node {ended.Node}, will try to kill it");
        return null;
    }

    private async Task<Exception?> ApplyAsync(
        V1DaemonSet set, IReadOnlyList<string> nodes, IReadOnlyList<V1Pod> delete, string hash, CancellationToken cancellationToken)
    {
        if (nodes.Count == 0 && delete.Count == 0) return null;
        var gone = delete.Take(Burst).ToList();
        var create = Math.Min(nodes.Count, Burst);
        _expectations.Expect(set.Metadata.Uid, create, gone.Select(pod => pod.Metadata.Uid));
        var creation = await _pods.CreateAsync(set, create, number => DaemonPods.For(set, nodes[number], hash), cancellationToken);
        return await _pods.DeleteAsync(set, gone, cancellationToken) ?? creation;
    }

    /// <returns>Null if the set turned out to be deleted.</returns>
    private async Task<IReadOnlyList<T>?> ClaimAsync<T>(V1DaemonSet set, InformerIndex<T> index, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        var claim = Claim<T>.Of(set, set.Spec.Selector, index.OwnedOrOrphaned(set));
        var adopted = await _ownership.ApplyAsync(set, claim, cancellationToken);
        return adopted || claim.Adopt.Count == 0 ? claim.Owned : null;
    }

    private IEnumerable<V1Node> Nodes() => _nodes.List();

    private string? VersionOf(V1DaemonSet cached, string written)
    {
        if (written == KeyOf(cached)) return cached.Metadata.ResourceVersion;
        var (ns, name) = ObjectNames.Split(written[RevisionPrefix.Length..]);
        return _revisions.Get(ns, name)?.Metadata.ResourceVersion;
    }

    private IEnumerable<string> Adopters(V1Pod orphan) =>
        _setsByNamespace.Get(orphan.Metadata.NamespaceProperty).Where(set => LabelSelectors.Matches(set.Spec.Selector, orphan.Metadata.Labels)).Select(KeyOf);

    /// <summary>A node is of interest to the sets for which it became, or ceased to be, one to run on.</summary>
    private void OnNodeChanged(V1Node? before, V1Node? after, IReconcileQueue queue)
    {
        foreach (var set in _sets.List())
        {
            if (before is null || after is null || NodeFit.Of(set, before) != NodeFit.Of(set, after)) queue.Add(KeyOf(set));
        }
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;

    private static string KeyOf(V1DaemonSet set) => ObjectNames.Join(set.Metadata.NamespaceProperty, set.Metadata.Name);
}
