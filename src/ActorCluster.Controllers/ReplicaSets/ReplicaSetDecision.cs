using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>What one look at a ReplicaSet and its pods says is to be done. Pure.</summary>
/// <param name="Claim">Of the active pods.</param>
/// <param name="Create">How many pods are missing, at most the burst.</param>
/// <param name="Delete">Pods that are too many, in the order of the ranking, at most the burst.</param>
internal sealed record ReplicaSetDecision(
    Claim<V1Pod> Claim, IReadOnlyList<V1Pod> Terminating, int Create, IReadOnlyList<V1Pod> Delete)
{
    /// <summary>BurstReplicas in pkg/controller/replicaset/replica_set.go.</summary>
    public const int Burst = 500;

    /// <param name="candidates">The pods that it controls and the orphans of its namespace.</param>
    /// <param name="related">Pods of all replica sets with the same owner; asked for only when pods must go.</param>
    /// <param name="manage">Whether pods may be made or deleted now: all earlier requests are visible, and it is not being deleted.</param>
    public static ReplicaSetDecision Of(V1ReplicaSet set, IReadOnlyList<V1Pod> candidates, Func<IReadOnlyList<V1Pod>> related, bool manage, DateTimeOffset now)
    {
        var claim = Claim<V1Pod>.Of(set, set.Spec.Selector, candidates.Where(PodFacts.IsActive));
        var terminating = Claim<V1Pod>.Of(set, set.Spec.Selector, candidates.Where(pod => PodFacts.IsDeleting(pod) && !PodFacts.IsTerminal(pod))).Owned;

        var difference = claim.Owned.Count - (set.Spec.Replicas ?? 1);
        if (!manage || set.Metadata.DeletionTimestamp is not null) difference = 0;
        IReadOnlyList<V1Pod> delete = difference > 0 ? PodDeletionRanking.Choose(claim.Owned, related(), Math.Min(difference, Burst), now) : [];
        return new(claim, terminating, difference < 0 ? Math.Min(-difference, Burst) : 0, delete);
    }
}
