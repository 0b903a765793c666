using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>What one look at a StatefulSet's pods says is to be done (updateStatefulSet in pkg/controller/statefulset/stateful_set_control.go). Pure.</summary>
/// <param name="Create">Indexes of the replicas to make.</param>
/// <param name="Delete">Pods that go: ended ones, those beyond, old ones of a rollout.</param>
/// <param name="Identify">Pods that lack the labels that say who they are.</param>
internal sealed record StatefulPlan(IReadOnlyList<int> Create, IReadOnlyList<V1Pod> Delete, IReadOnlyList<V1Pod> Identify)
{
    public static StatefulPlan Of(StatefulView view)
    {
        if (view.Set.Metadata.DeletionTimestamp is not null) return new([], [], []);
        return view.Set.Spec.PodManagementPolicy == "Parallel" ? AllAtOnce(view) : OneAfterTheOther(view);
    }

    /// <summary>Each pod waits until those before it are available; those beyond go from the end, only when all others are; then the rollout.</summary>
    private static StatefulPlan OneAfterTheOther(StatefulView view)
    {
        List<V1Pod> identify = [];
        for (var index = 0; index < view.Replicas.Count; index++)
        {
            if (view.Replicas[index] is not { } pod) return new([index], [], identify);
            if (PodFacts.IsTerminal(pod)) return new([], PodFacts.IsDeleting(pod) ? [] : [pod], identify);
            if (view.IsUnavailable(pod)) return new([], [], identify);
            if (!StatefulPods.HasIdentity(pod)) identify.Add(pod);
        }

        // All replicas are available here, so that the first pod that isn't is one of those beyond: the lowest.
        var broken = view.Condemned.LastOrDefault(view.IsUnavailable);
        if (view.Condemned.Count > 0)
        {
            var last = view.Condemned[0];
            var mayGo = !PodFacts.IsDeleting(last) && (view.IsAvailable(last) || ReferenceEquals(last, broken));
            return new([], mayGo ? [last] : [], identify);
        }

        return new([], Rollout(view), identify);
    }

    private static StatefulPlan AllAtOnce(StatefulView view)
    {
        var create = Enumerable.Range(0, view.Replicas.Count).Where(index => view.Replicas[index] is null).ToList();
        var present = view.Replicas.OfType<V1Pod>().ToList();
        var ended = present.Concat(view.Condemned).Where(pod => !PodFacts.IsDeleting(pod) && (PodFacts.IsTerminal(pod) || view.Condemned.Contains(pod)));
        var identify = present.Where(pod => !PodFacts.IsTerminal(pod) && !StatefulPods.HasIdentity(pod));
        return new(create, [.. ended.Concat(Rollout(view)).Distinct()], [.. identify]);
    }

    private static IReadOnlyList<V1Pod> Rollout(StatefulView view)
    {
        if (view.Set.Spec.UpdateStrategy is not { Type: "RollingUpdate" } strategy) return [];
        var partition = strategy.RollingUpdate?.Partition ?? 0;
        return strategy.RollingUpdate?.MaxUnavailable is { } limit ? Several(view, partition, limit) : Next(view, partition);
    }

    /// <summary>From the end, the first pod of another revision; but not past one that isn't available.</summary>
    private static IReadOnlyList<V1Pod> Next(StatefulView view, int partition)
    {
        for (var index = view.Replicas.Count - 1; index >= partition; index--)
        {
            var pod = view.Replicas[index];
            if (pod is not null && !view.IsUpdated(pod) && !PodFacts.IsDeleting(pod)) return [pod];
            if (view.IsUnavailable(pod)) return [];
        }

        return [];
    }

    private static IReadOnlyList<V1Pod> Several(StatefulView view, int partition, IntOrString limit)
    {
        // A small percentage rounded down would be a rollout that can't move.
        var maxUnavailable = Math.Max(1, CountOrPercent.Of(limit, view.Replicas.Count, roundUp: false));
        var mayGo = maxUnavailable - view.Replicas.Count(view.IsUnavailable);
        return [.. view.Replicas.Skip(partition).Reverse().OfType<V1Pod>()
            .Where(pod => !view.IsUpdated(pod) && !PodFacts.IsDeleting(pod)).Take(Math.Max(0, mayGo))];
    }
}
