using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>The status that a StatefulSet's pods amount to (computeReplicaStatus and completeRollingUpdate in pkg/controller/statefulset). Pure.</summary>
internal static class StatefulStatus
{
    public static V1StatefulSetStatus Calculate(StatefulView view, int collisionCount)
    {
        var pods = view.Pods.ToList();
        int Of(string revision) => pods.Count(pod => !PodFacts.IsDeleting(pod) && TemplateRevision.HashOf(pod) == revision);
        var status = new V1StatefulSetStatus
        {
            ObservedGeneration = view.Set.Metadata.Generation,
            Replicas = pods.Count,
            ReadyReplicas = pods.Count(StatefulPods.IsRunningAndReady),
            AvailableReplicas = pods.Count(view.IsAvailable),
            CurrentReplicas = Of(view.Current),
            UpdatedReplicas = Of(view.Update),
            CurrentRevision = view.Current,
            UpdateRevision = view.Update,
            CollisionCount = collisionCount,
            Conditions = view.Set.Status?.Conditions,
        };
        return IsComplete(view.Set, status) ? status with { CurrentRevision = status.UpdateRevision, CurrentReplicas = status.UpdatedReplicas } : status;
    }

    /// <summary>Whether writing would change nothing.</summary>
    public static bool Same(V1StatefulSetStatus? left, V1StatefulSetStatus right) =>
        left is not null
        && left.Replicas == right.Replicas
        && (left.ReadyReplicas ?? 0) == right.ReadyReplicas
        && (left.AvailableReplicas ?? 0) == right.AvailableReplicas
        && (left.CurrentReplicas ?? 0) == right.CurrentReplicas
        && (left.UpdatedReplicas ?? 0) == right.UpdatedReplicas
        && left.CurrentRevision == right.CurrentRevision
        && left.UpdateRevision == right.UpdateRevision
        && (left.CollisionCount ?? 0) == right.CollisionCount
        && (left.ObservedGeneration ?? 0) == (right.ObservedGeneration ?? 0);

    /// <summary>A rollout is over when every replica is of the new revision and ready.</summary>
    private static bool IsComplete(V1StatefulSet set, V1StatefulSetStatus status)
    {
        var wanted = StatefulPods.Replicas(set);
        return set.Spec.UpdateStrategy is { Type: "RollingUpdate" } && status.UpdatedReplicas == wanted && status.ReadyReplicas == wanted && status.Replicas == wanted;
    }
}
