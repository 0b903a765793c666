using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>What one look at a ReplicaSet and its pods says is to be done. Pure.</summary>
/// <param name="Owned">Active pods that count (those to adopt among them).</param>
/// <param name="Adopt">Orphans that match the selector.</param>
/// <param name="Release">Pods that are controlled but no longer match.</param>
/// <param name="Create">How many pods are missing, at most the burst.</param>
/// <param name="Delete">Pods that are too many, in the order of the ranking, at most the burst.</param>
internal sealed record ReplicaSetDecision(
    IReadOnlyList<V1Pod> Owned, IReadOnlyList<V1Pod> Terminating, IReadOnlyList<V1Pod> Adopt, IReadOnlyList<V1Pod> Release, int Create, IReadOnlyList<V1Pod> Delete)
{
    /// <summary>BurstReplicas in pkg/controller/replicaset/replica_set.go.</summary>
    public const int Burst = 500;

    /// <param name="candidates">The pods that it controls and the orphans of its namespace.</param>
    /// <param name="related">Pods of all replica sets with the same owner; asked for only when pods must go.</param>
    /// <param name="manage">Whether pods may be made or deleted now: all earlier requests are visible, and it is not being deleted.</param>
    public static ReplicaSetDecision Of(V1ReplicaSet set, IReadOnlyList<V1Pod> candidates, Func<IReadOnlyList<V1Pod>> related, bool manage, DateTimeOffset now)
    {
        List<V1Pod> owned = [], adopt = [], release = [], terminating = [];
        foreach (var pod in candidates)
        {
            var controller = Owners.ControllerOf(pod);
            if (controller is not null && controller.Uid != set.Metadata.Uid) continue;
            var matches = LabelSelectors.Matches(set.Spec.Selector, pod.Metadata.Labels);
            if (!PodFacts.IsActive(pod))
            {
                if (matches && controller is not null && PodFacts.IsDeleting(pod) && !PodFacts.IsTerminal(pod)) terminating.Add(pod);
            }
            else if (controller is not null)
            {
                if (matches) owned.Add(pod);
                else if (set.Metadata.DeletionTimestamp is null) release.Add(pod);
            }
            else if (matches && set.Metadata.DeletionTimestamp is null)
            {
                owned.Add(pod);
                adopt.Add(pod);
            }
        }

        var difference = owned.Count - (set.Spec.Replicas ?? 1);
        if (!manage || set.Metadata.DeletionTimestamp is not null) difference = 0;
        IReadOnlyList<V1Pod> delete = difference > 0 ? PodDeletionRanking.Choose(owned, related(), Math.Min(difference, Burst), now) : [];
        return new(owned, terminating, adopt, release, difference < 0 ? Math.Min(-difference, Burst) : 0, delete);
    }
}
