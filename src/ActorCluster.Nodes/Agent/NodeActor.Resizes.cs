using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Pods;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

// What the node has allocated to its pods, where that isn't what their specs ask for (pkg/kubelet/allocation).
internal sealed partial class NodeActor
{
    private void OnAskForResize(AskForResize ask)
    {
        if (!_pods.TryGetValue(ask.Wanted.Metadata.Uid, out var entry)) return;
        entry.AllocatedSpec = ask.Allocated;
        entry.PendingResize = ask.Wanted;
        entry.PendingSince ??= _process.Simulation.Clock.GetUtcNow();
        if (Allocate(entry)) RetryResizes();
    }

    private bool Allocate(PodEntry entry)
    {
        var wanted = entry.PendingResize!;
        if (PodAdmission.CheckResources(wanted.Spec, Others(entry), _services!.Allocatable) is { } refusal)
        {
            entry.Actor.Tell(new ResizeRefused(wanted.Metadata.Generation ?? 0, refusal.Message));
            return false;
        }
        (entry.PendingResize, entry.PendingSince) = (null, null);
        entry.AllocatedSpec = wanted.Spec;
        entry.Actor.Tell(new ResizeGranted(wanted));
        return true;
    }

    /// <summary>Something was given back: who waits for it gets it, the more important first, then who waits longest.</summary>
    private void RetryResizes()
    {
        if (_shuttingDown) return;
        var waiting = _pods.Values.Where(entry => entry is { PendingResize: not null, IsGone: false }).ToList();
        if (waiting.Count == 0) return;
        foreach (var entry in waiting
            .OrderBy(entry => AsksForMore(entry) ? 1 : 0)
            .ThenByDescending(entry => entry.PendingResize!.Spec.Priority ?? 0)
            .ThenBy(entry => QosClasses.Of(entry.PendingResize!.Spec) == "Guaranteed" ? 0 : 1)
            .ThenBy(entry => entry.PendingSince)
            .ThenBy(entry => entry.Pod.Metadata.Uid, StringComparer.Ordinal))
        {
            Allocate(entry);
        }
    }

    private static bool AsksForMore(PodEntry entry) =>
        PodAdmission.Resizable.Any(resource => PodAdmission.RequestOf(entry.PendingResize!.Spec, resource) > PodAdmission.RequestOf(entry.Counted.Spec, resource));

    private IEnumerable<V1Pod> Others(PodEntry entry) => _pods.Values.Where(other => other != entry && other is { IsGone: false, IsRefused: false }).Select(other => other.Counted);

    /// <summary>The pod's object changed; what is allocated to it doesn't by that alone.</summary>
    private void Renew(PodEntry entry, V1Pod pod)
    {
        var ended = IsOver(pod) && !IsOver(entry.Pod);
        if (entry.AllocatedSpec is null && !ContainerResources.Same(entry.Pod.Spec, pod.Spec)) entry.AllocatedSpec = entry.Pod.Spec;
        else if (entry.AllocatedSpec is { } allocated && ContainerResources.Same(allocated, pod.Spec)) (entry.AllocatedSpec, entry.PendingResize, entry.PendingSince) = (null, null, null);
        entry.Pod = pod;
        if (ended)
        {
            (entry.PendingResize, entry.PendingSince) = (null, null);
            RetryResizes();
        }
    }

    private static bool IsOver(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";
}
