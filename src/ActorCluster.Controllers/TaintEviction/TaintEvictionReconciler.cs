using System.Collections.Concurrent;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.TaintEviction;

/// <summary>Deletes pods from nodes with NoExecute taints once their toleration has run out (pkg/controller/tainteviction). Keys are
/// "ns/name" of pods.</summary>
/// <remarks>As upstream's, its clocks run from when it saw the taint: they start anew with the process.</remarks>
internal sealed class TaintEvictionReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1Node> _nodes;
    private readonly Informer<V1Pod> _pods;
    private readonly InformerIndex<V1Pod> _podsByNode;
    private readonly ConcurrentDictionary<string, (string Uid, DateTimeOffset Since)> _marked = new();

    public TaintEvictionReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _podsByNode = services.Informers.PodsByNode();
        _nodes = services.Informers.Of<V1Node>();
        _pods = services.Informers.Of<V1Pod>();
    }

    public string Name => "taint-eviction-controller";

    public int Parallelism => 16;

    public void Attach(IReconcileQueue queue)
    {
        _nodes.Changed += (before, after) =>
        {
            if (ObjectCopy.SemanticallyEqual(NoExecuteTaints(before), NoExecuteTaints(after))) return;
            foreach (var pod in _podsByNode.Get((after ?? before)!.Metadata.Name)) queue.Add(PodFacts.KeyOf(pod));
        };
        _pods.Changed += (before, after) =>
        {
            if (after is null) _marked.TryRemove(PodFacts.KeyOf(before!), out _);
            else if (PodFacts.IsScheduled(after) && NoExecuteTaints(_nodes.Get("", after.Spec.NodeName)).Count > 0 && IsNews(before, after))
                queue.Add(PodFacts.KeyOf(after));
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_pods.Get(ns, name) is not { } pod || PodFacts.IsDeleting(pod) || !PodFacts.IsScheduled(pod))
        {
            _marked.TryRemove(key, out _);
            return ReconcileResult.Done;
        }

        var taints = NoExecuteTaints(_nodes.Get("", pod.Spec.NodeName));
        if (taints.Count == 0 || EvictionTime.Of(pod.Spec.Tolerations, taints) is not { } stay)
        {
            if (_marked.TryRemove(key, out _)) _events.Record(pod, "Normal", "TaintManagerEviction", $"Cancelling deletion of Pod {key}");
            return ReconcileResult.Done;
        }

        var now = _services.Now;
        var since = _marked.TryGetValue(key, out var mark) && mark.Uid == pod.Metadata.Uid ? mark.Since : now;
        _marked[key] = (pod.Metadata.Uid, since);
        if (since + stay > now) return ReconcileResult.After(since + stay - now);
        await EvictAsync(key, pod, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task EvictAsync(string key, V1Pod pod, CancellationToken cancellationToken)
    {
        var condition = new V1PodCondition
        {
            Type = "DisruptionTarget",
            Status = "True",
            Reason = "DeletionByTaintManager",
            Message = "Taint manager: deleting due to NoExecute taint",
            ObservedGeneration = pod.Metadata.Generation,
            LastTransitionTime = _services.Now.ToApiTime(),
        };
        if (Conditions.Find(pod, condition.Type) is not { Status: "True" }
            && await PodStatusPatch.SetConditionAsync(_client, pod, condition, cancellationToken) is null) return;
        _events.Record(pod, "Normal", "TaintManagerEviction", $"Marking for deletion Pod {key}");
        await _client.DeleteAsync<V1Pod>(
            pod.Metadata.NamespaceProperty, pod.Metadata.Name, new DeleteOptions(PreconditionUid: pod.Metadata.Uid), cancellationToken);
        _marked.TryRemove(key, out _);
    }

    private static List<V1Taint> NoExecuteTaints(V1Node? node) => [.. (node?.Spec?.Taints ?? []).Where(taint => taint.Effect == "NoExecute")];

    private static bool IsNews(V1Pod? before, V1Pod after) =>
        before is null || before.Spec.NodeName != after.Spec.NodeName || !ObjectCopy.SemanticallyEqual(before.Spec.Tolerations, after.Spec.Tolerations);
}
