using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>Keeps a StatefulSet's pods, each with its own name (pkg/controller/statefulset). Keys are "ns/name".</summary>
/// <remarks>A pod's successor can't be made before the pod is gone from the API: on a node that is lost, it waits until someone says so.</remarks>
internal sealed class StatefulSetReconciler : IReconciler
{
    private const string RevisionPrefix = "controllerrevision:";

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1StatefulSet> _sets;
    private readonly InformerIndex<V1StatefulSet> _setsByNamespace;
    private readonly Informer<V1Pod> _podInformer;
    private readonly InformerIndex<V1Pod> _podsByController;
    private readonly Informer<V1ControllerRevision> _revisions;
    private readonly InformerIndex<V1ControllerRevision> _revisionsByController;
    private readonly Expectations _expectations;
    private readonly CacheLag _lag;
    private readonly Ownership<V1StatefulSet> _ownership;
    private readonly PodControl _pods;

    public StatefulSetReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _setsByNamespace = services.Informers.ByNamespace<V1StatefulSet>();
        _podsByController = services.Informers.ByController<V1Pod>();
        _revisionsByController = services.Informers.ByController<V1ControllerRevision>();
        _sets = services.Informers.Of<V1StatefulSet>();
        _podInformer = services.Informers.Of<V1Pod>();
        _revisions = services.Informers.Of<V1ControllerRevision>();
        _expectations = new Expectations(services.Clock);
        _lag = new CacheLag(services.Clock);
        _ownership = new Ownership<V1StatefulSet>(_client, OwnerKind.StatefulSet);
        _pods = new PodControl(_client, _events, _expectations, new StatefulEventWording());
    }

    public string Name => "statefulset-controller";

    public void Attach(IReconcileQueue queue)
    {
        _sets.Changed += (before, after) =>
        {
            if (after is null || (before is not null && before.Metadata.Uid != after.Metadata.Uid)) _expectations.Forget(before!.Metadata.Uid);
            queue.Add(KeyOf(after ?? before!));
        };
        _podInformer.Changed += new OwnedPodWatch(OwnerKind.StatefulSet, _expectations, queue, Adopters).OnChanged;
        _revisions.Changed += (before, after) =>
        {
            if ((after ?? before) is { } revision && OwnerKind.StatefulSet.Of(revision) is { } owner) queue.Add(ObjectNames.Join(revision.Metadata.NamespaceProperty, owner.Name));
        };
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
        var pods = Claim<V1Pod>.Of(set, set.Spec.Selector, Members(set));
        var revisions = Claim<V1ControllerRevision>.Of(set, set.Spec.Selector, _revisionsByController.OwnedOrOrphaned(set));
        if (!await AdoptAsync(set, pods, cancellationToken) || !await AdoptAsync(set, revisions, cancellationToken)) return ReconcileResult.Done;

        void Wrote(V1ControllerRevision revision) =>
            _lag.Wrote(key, RevisionPrefix + ObjectNames.Join(revision.Metadata.NamespaceProperty, revision.Metadata.Name), revision.Metadata.ResourceVersion);
        var history = await StatefulHistory.BringUpAsync(_client, set, revisions.Owned, Wrote, cancellationToken);
        return await SyncAsync(key, set, pods.Owned, history, cancellationToken);
    }

    private async Task<ReconcileResult> SyncAsync(
        string key, V1StatefulSet set, IReadOnlyList<V1Pod> pods, StatefulHistory history, CancellationToken cancellationToken)
    {
        var view = StatefulView.Of(set, pods, history.Current.Metadata.Name, history.Update.Metadata.Name, _services.Now);
        var failure = _expectations.Satisfied(set.Metadata.Uid) ? await ActAsync(view, history, cancellationToken) : null;

        var status = StatefulStatus.Calculate(view, history.CollisionCount);
        if (!StatefulStatus.Same(set.Status, status))
        {
            var written = await _client.UpdateAsync(set with { Status = status }, "status", cancellationToken);
            _lag.Wrote(key, key, written.Metadata.ResourceVersion);
        }

        foreach (var revision in history.Expired(set, pods))
            await _client.DeleteAsync<V1ControllerRevision>(revision.Metadata.NamespaceProperty, revision.Metadata.Name, ct: cancellationToken);
        if (failure is not null) throw failure;
        return new ReconcileResult(PodFacts.NextAvailability(pods, set.Spec.MinReadySeconds ?? 0, _services.Now));
    }

    private async Task<Exception?> ActAsync(StatefulView view, StatefulHistory history, CancellationToken cancellationToken)
    {
        var set = view.Set;
        var plan = StatefulPlan.Of(view);
        foreach (var pod in plan.Identify) await _pods.LabelAsync(set, pod, StatefulPods.IdentityOf(set, StatefulPods.OrdinalOf(set, pod)!.Value), cancellationToken);
        if (plan.Create.Count == 0 && plan.Delete.Count == 0) return null;
        var current = history.CurrentTemplate(set);
        _expectations.Expect(set.Metadata.Uid, plan.Create.Count, plan.Delete.Select(pod => pod.Metadata.Uid));
        var creation = await _pods.CreateAsync(set, plan.Create.Count, number => NewPod(view, plan.Create[number], current), cancellationToken);
        return await _pods.DeleteAsync(set, plan.Delete, cancellationToken) ?? creation;
    }

    private static V1Pod NewPod(StatefulView view, int index, V1PodTemplateSpec current) => view.IsOfCurrent(index)
        ? StatefulPods.For(view.Set, view.OrdinalAt(index), current, view.Current)
        : StatefulPods.For(view.Set, view.OrdinalAt(index), view.Set.Spec.Template, view.Update);

    /// <returns>False if the set turned out to be deleted.</returns>
    private async Task<bool> AdoptAsync<T>(V1StatefulSet set, Claim<T> claim, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> =>
        await _ownership.ApplyAsync(set, claim, cancellationToken) || claim.Adopt.Count == 0;

    /// <summary>Its pods and orphans, of those whose names are the set's.</summary>
    private IEnumerable<V1Pod> Members(V1StatefulSet set) => _podsByController.OwnedOrOrphaned(set).Where(pod => StatefulPods.OrdinalOf(set, pod) is not null);

    private IEnumerable<string> Adopters(V1Pod orphan) => _setsByNamespace.Get(orphan.Metadata.NamespaceProperty)
        .Where(set => LabelSelectors.Matches(set.Spec.Selector, orphan.Metadata.Labels) && StatefulPods.OrdinalOf(set, orphan) is not null).Select(KeyOf);

    private string? VersionOf(V1StatefulSet cached, string written)
    {
        if (written == KeyOf(cached)) return cached.Metadata.ResourceVersion;
        var (ns, name) = ObjectNames.Split(written[RevisionPrefix.Length..]);
        return _revisions.Get(ns, name)?.Metadata.ResourceVersion;
    }

    private static string KeyOf(V1StatefulSet set) => ObjectNames.Join(set.Metadata.NamespaceProperty, set.Metadata.Name);
}
