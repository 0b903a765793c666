using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>Brings changes of pods to the workloads that control them, or that might adopt them, and ticks off what was expected.</summary>
/// <param name="adopters">The keys of the workloads that an orphan might belong to.</param>
internal sealed class OwnedPodWatch(OwnerKind kind, Expectations? expectations, IReconcileQueue queue, Func<V1Pod, IEnumerable<string>> adopters)
{
    public void OnChanged(V1Pod? before, V1Pod? after)
    {
        var ownerBefore = before is null ? null : kind.Of(before);
        var ownerAfter = after is null ? null : kind.Of(after);
        if (before is null && ownerAfter is not null) expectations?.CreationObserved(ownerAfter.Uid);
        // A pod that is being deleted no longer counts, whether or not it is gone.
        var gone = after is null || (PodFacts.IsDeleting(after) && (before is null || !PodFacts.IsDeleting(before)));
        if (gone && (ownerBefore ?? ownerAfter) is { } owner) expectations?.DeletionObserved(owner.Uid, (before ?? after!).Metadata.Uid);

        if (ownerAfter is not null) Enqueue(after!, ownerAfter);
        if (ownerBefore is not null && ownerBefore.Uid != ownerAfter?.Uid) Enqueue(before!, ownerBefore);
        if (after is null || PodFacts.IsDeleting(after) || after.Metadata.Labels is not { Count: > 0 } || Owners.ControllerOf(after) is not null) return;
        foreach (var key in adopters(after)) queue.Add(key);
    }

    private void Enqueue(V1Pod pod, V1OwnerReference owner) => queue.Add(ObjectNames.Join(pod.Metadata.NamespaceProperty, owner.Name));
}
