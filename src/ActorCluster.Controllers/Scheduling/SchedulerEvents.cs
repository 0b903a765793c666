using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Keeps the scheduler's picture of the cluster, and wakes the pods that a change may help (pkg/scheduler/eventhandlers.go).</summary>
/// <param name="gate">Guards the picture and the queue.</param>
/// <param name="isToBeScheduled">Whether a pod is the scheduler's to place.</param>
internal sealed class SchedulerEvents(ControllerServices services, ClusterState cluster, SchedulingQueue queue, Lock gate, Func<V1Pod, bool> isToBeScheduled)
{
    private readonly Informer<V1Pod> _pods = services.Informers.Of<V1Pod>();
    private readonly Informer<V1Node> _nodes = services.Informers.Of<V1Node>();
    private readonly Informer<V1Namespace> _namespaces = services.Informers.Of<V1Namespace>();
    private IReconcileQueue? _keys;

    public void Attach(IReconcileQueue keys)
    {
        _keys = keys;
        _nodes.Changed += OnNodeChanged;
        _pods.Changed += OnPodChanged;
        _namespaces.Changed += OnNamespaceChanged;
    }

    /// <summary>Call it with the lock.</summary>
    public void Wake(ClusterChange change)
    {
        foreach (var (key, wait) in queue.Wake(change, services.Now)) _keys!.AddAfter(key, wait);
    }

    /// <summary>Something else has changed that may help pods.</summary>
    public void Changed(ClusterChange change)
    {
        lock (gate) Wake(change);
    }

    /// <summary>Something that a pod waits for has changed.</summary>
    public void TryPod(string key)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_pods.Get(ns, name) is not { } pod || !isToBeScheduled(pod)) return;
        lock (gate) queue.Push(key, pod.Metadata.Uid, pod.Spec.Priority ?? 0);
        _keys!.Add(key);
    }

    private void OnNodeChanged(V1Node? before, V1Node? after)
    {
        lock (gate)
        {
            if (after is null)
            {
                cluster.RemoveNode(before!.Metadata.Name);
                // Where nothing fits, the place that no longer counts may have been the one in the way.
                Wake(ClusterChange.PodGone);
                return;
            }

            cluster.SetNode(after);
            if (queue.WaitingCount > 0) Wake(ChangeOf(before, after));
        }
    }

    private void OnNamespaceChanged(V1Namespace? before, V1Namespace? after)
    {
        lock (gate)
        {
            if (after is null) cluster.Namespaces.Remove(before!.Metadata.Name);
            else cluster.Namespaces.Set(after.Metadata.Name, after.Metadata.Labels);
            if (before is not null && after is not null && !ObjectCopy.SemanticallyEqual(before.Metadata.Labels, after.Metadata.Labels)) Wake(ClusterChange.PodLabels);
        }
    }

    private void OnPodChanged(V1Pod? before, V1Pod? after)
    {
        lock (gate)
        {
            if (after is null || PodFacts.IsTerminal(after)) OnGone((after ?? before)!);
            else if (PodFacts.IsScheduled(after)) OnScheduled(after);
            else OnUnscheduled(before, after);
        }
    }

    private void OnGone(V1Pod pod)
    {
        var wasNominated = cluster.Nominations.Remove(pod.Metadata.Uid);
        queue.Remove(PodFacts.KeyOf(pod));
        if (cluster.Remove(pod.Metadata.Uid) || wasNominated) Wake(ClusterChange.PodGone);
    }

    private void OnScheduled(V1Pod pod)
    {
        if (cluster.IsPlaced(pod.Metadata.Uid) && !cluster.IsAssumed(pod.Metadata.Uid))
        {
            if (cluster.Refresh(pod) is var change and not ClusterChange.None) Wake(change);
            return;
        }

        cluster.Nominations.Remove(pod.Metadata.Uid);
        cluster.Place(SchedulingPod.From(pod), pod.Spec.NodeName, assumed: false);
        queue.Remove(PodFacts.KeyOf(pod));
        Wake(ClusterChange.PodPlaced);
    }

    private void OnUnscheduled(V1Pod? before, V1Pod pod)
    {
        var key = PodFacts.KeyOf(pod);
        if (!isToBeScheduled(pod))
        {
            queue.Remove(key);
            return;
        }

        // Known from before a restart, or said by somebody else.
        if (!string.IsNullOrEmpty(pod.Status?.NominatedNodeName) && before?.Status?.NominatedNodeName != pod.Status.NominatedNodeName && !cluster.IsAssumed(pod.Metadata.Uid))
            cluster.Nominations.Set(SchedulingPod.From(pod), pod.Status.NominatedNodeName);
        if (!IsNews(before, pod)) return;
        queue.Push(key, pod.Metadata.Uid, pod.Spec.Priority ?? 0);
        _keys!.Add(key);
    }

    /// <summary>Not our own note of a failed attempt, which would start the next one.</summary>
    private static bool IsNews(V1Pod? before, V1Pod after) =>
        before is null || before.Metadata.Uid != after.Metadata.Uid || !ObjectCopy.SemanticallyEqual(before.Spec, after.Spec)
        || !ObjectCopy.SemanticallyEqual(before.Metadata.Labels, after.Metadata.Labels);

    /// <summary>A mere heartbeat is no change.</summary>
    private static ClusterChange ChangeOf(V1Node? before, V1Node after)
    {
        if (before is null) return ClusterChange.NodeAdded;
        var change = ClusterChange.None;
        if (!ObjectCopy.SemanticallyEqual(before.Spec, after.Spec)) change |= ClusterChange.NodeTaints;
        if (!ObjectCopy.SemanticallyEqual(before.Metadata.Labels, after.Metadata.Labels)) change |= ClusterChange.NodeLabels;
        if (!ObjectCopy.SemanticallyEqual(before.Status?.Allocatable, after.Status?.Allocatable)) change |= ClusterChange.NodeAllocatable;
        return change;
    }
}
