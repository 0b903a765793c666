using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Scheduling.Policies;
using ActorCluster.Controllers.Scheduling.Volumes;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Gives each pod without a node one (pkg/scheduler). Keys are "ns/name" of pods.</summary>
/// <remarks>Decisions are made one at a time, under a lock and without waiting; the bindings that follow from them are written side by side.</remarks>
internal sealed class SchedulerReconciler : IReconciler
{
    private const string SchedulerName = "default-scheduler";

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1Node> _nodes;
    private readonly PodVolumes _volumes;
    private readonly PodPlacer _placer;
    private readonly ClusterState _cluster = new();
    private readonly PendingPods _pending;
    private readonly Lock _lock = new();

    public SchedulerReconciler(ControllerServices services)
    {
        _services = services;
        _client = new KubeClient(services.Api, "system:kube-scheduler");
        _events = services.EventsFor(_client, SchedulerName);
        _pods = services.Informers.Of<V1Pod>();
        _nodes = services.Informers.Of<V1Node>();
        _volumes = new PodVolumes(services, _client, _events);
        _placer = PodPlacer.Default(services.Simulation.Random.Child("scheduler"), new VolumeBindingFilter(_volumes));
        _pending = new PendingPods(services.Options.Timings.PodInitialBackoff, services.Options.Timings.PodMaxBackoff);
    }

    public string Name => "scheduler";

    /// <summary>Bindings in flight at a time.</summary>
    public int Parallelism => 64;

    public void Attach(IReconcileQueue queue)
    {
        _nodes.Changed += (before, after) => OnNodeChanged(before, after, queue);
        _pods.Changed += (before, after) => OnPodChanged(before, after, queue);
        _volumes.Attach(queue.Add, () => RetryAll(queue));
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_pods.Get(ns, name) is not { } pod || !IsToBeScheduled(pod))
        {
            lock (_lock) _pending.Remove(key);
            return ReconcileResult.Done;
        }

        Placement placement;
        var volumesBound = _volumes.AreBound(pod);
        lock (_lock)
        {
            // Decided already; the binding is under way or its watch event is.
            if (_cluster.IsAssumed(pod.Metadata.Uid)) return ReconcileResult.Done;
            var wanted = SchedulingPod.From(pod);
            placement = _volumes.Prevents(pod) is { } why ? Placement.Nowhere(why, _cluster.Nodes.Count) : _placer.Place(wanted, _cluster);
            if (placement.Node is not null && volumesBound) _cluster.Place(wanted, placement.Node, assumed: true);
            else _pending.Failed(key, pod.Metadata.Uid, _services.Now);
        }

        if (placement.Node is not null && !volumesBound)
        {
            // Its claims come first: when they are bound, the pod is looked at again.
            if (_nodes.Get("", placement.Node) is { } node) await _volumes.ClaimAsync(pod, node, cancellationToken);
            return ReconcileResult.Done;
        }

        if (placement.Node is not null) return await BindAsync(key, pod, placement.Node, cancellationToken);
        await ReportFailureAsync(pod, "Unschedulable", placement.Failure!, cancellationToken);
        return ReconcileResult.After(_services.Options.UnschedulableFlush);
    }

    private async Task<ReconcileResult> BindAsync(string key, V1Pod pod, string node, CancellationToken cancellationToken)
    {
        try
        {
            var binding = new V1Binding
            {
                ApiVersion = ApiVersions.Core,
                Kind = "Binding",
                Metadata = new V1ObjectMeta { NamespaceProperty = pod.Metadata.NamespaceProperty, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
                Target = new V1ObjectReference { ApiVersion = ApiVersions.Core, Kind = "Node", Name = node },
            };
            await _client.CreateSubresourceAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, "binding", binding, cancellationToken);
        }
        catch (Exception failure)
        {
            lock (_lock) _cluster.Remove(pod.Metadata.Uid);
            // Gone, or bound by another: the watch tells, if there is anything left to do.
            if (failure is ApiStatusException { Code: 404 or 409 }) return ReconcileResult.Done;
            if (failure is ApiStatusException refused) await ReportFailureAsync(pod, "SchedulerError", refused.Message, cancellationToken);
            throw;
        }

        lock (_lock) _pending.Remove(key);
        _events.Record(pod, "Normal", "Scheduled", $"Successfully assigned {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} to {node}");
        return ReconcileResult.Done;
    }

    private async Task ReportFailureAsync(V1Pod pod, string reason, string message, CancellationToken cancellationToken)
    {
        _events.Record(pod, "Warning", "FailedScheduling", message);
        var current = Conditions.Find(pod, "PodScheduled");
        if (current is { Status: "False" } && current.Reason == reason && current.Message == message) return;
        var condition = new V1PodCondition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = reason,
            Message = message,
            ObservedGeneration = pod.Metadata.Generation,
            LastTransitionTime = current?.Status == "False" ? current.LastTransitionTime : _services.Now.ToApiTime(),
        };
        await PodStatusPatch.SetConditionAsync(_client, pod, condition, cancellationToken);
    }

    private void OnNodeChanged(V1Node? before, V1Node? after, IReconcileQueue queue)
    {
        lock (_lock)
        {
            if (after is null) _cluster.RemoveNode(before!.Metadata.Name);
            else _cluster.SetNode(after);
        }

        if (after is not null && MayHelp(before, after)) RetryAll(queue);
    }

    private void RetryAll(IReconcileQueue queue)
    {
        IReadOnlyList<(string Key, TimeSpan Wait)> retry;
        lock (_lock) retry = _pending.Retry(_services.Now);
        foreach (var (key, wait) in retry) queue.AddAfter(key, wait);
    }

    private void OnPodChanged(V1Pod? before, V1Pod? after, IReconcileQueue queue)
    {
        IReadOnlyList<(string Key, TimeSpan Wait)> retry = [];
        lock (_lock)
        {
            var freed = after is null || PodFacts.IsTerminal(after);
            if (freed)
            {
                if (_cluster.Remove((after ?? before)!.Metadata.Uid)) retry = _pending.Retry(_services.Now);
                if (after is null) _pending.Remove(PodFacts.KeyOf(before!));
            }
            else if (PodFacts.IsScheduled(after!) && (before is null || !PodFacts.IsScheduled(before)))
            {
                _cluster.Place(SchedulingPod.From(after!), after!.Spec.NodeName, assumed: false);
                _pending.Remove(PodFacts.KeyOf(after));
            }
        }

        foreach (var (key, wait) in retry) queue.AddAfter(key, wait);
        if (after is not null && IsToBeScheduled(after) && IsNews(before, after)) queue.Add(PodFacts.KeyOf(after));
    }

    private static bool IsToBeScheduled(V1Pod pod) =>
        !PodFacts.IsScheduled(pod) && PodFacts.IsActive(pod)
        && pod.Spec.SchedulerName is null or "" or SchedulerName
        && pod.Spec.SchedulingGates is null or { Count: 0 };

    /// <summary>Not our own note of a failed attempt, which would start the next one.</summary>
    private static bool IsNews(V1Pod? before, V1Pod after) =>
        before is null || before.Metadata.Uid != after.Metadata.Uid || !ObjectCopy.SemanticallyEqual(before.Spec, after.Spec)
        || !ObjectCopy.SemanticallyEqual(before.Metadata.Labels, after.Metadata.Labels);

    /// <summary>Whether a change of a node can make room for anyone: not a mere heartbeat.</summary>
    private static bool MayHelp(V1Node? before, V1Node after) =>
        before is null
        || !ObjectCopy.SemanticallyEqual(before.Spec, after.Spec)
        || !ObjectCopy.SemanticallyEqual(before.Metadata.Labels, after.Metadata.Labels)
        || !ObjectCopy.SemanticallyEqual(before.Status?.Allocatable, after.Status?.Allocatable);
}
