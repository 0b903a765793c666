using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Disruption;

/// <summary>What a disruption budget allows, from the pods that it is about (pkg/controller/disruption). Pure.</summary>
internal static class BudgetStatus
{
    public const string Condition = "DisruptionAllowed";

    /// <summary>An evicted pod that isn't being deleted after that long won't be (DeletionTimeout).</summary>
    public static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Whether the budget is a share of what the pods' owners want, which must then be asked.</summary>
    public static bool NeedsScale(V1PodDisruptionBudgetSpec spec) => spec.MaxUnavailable is not null || IsPercent(spec.MinAvailable);

    /// <param name="scale">What the pods' owners want together, if <see cref="NeedsScale"/>.</param>
    public static (int Expected, int Desired) Counts(V1PodDisruptionBudgetSpec spec, int pods, int scale)
    {
        if (spec.MaxUnavailable is { } most) return (scale, Math.Max(0, scale - CountOrPercent.Of(most, scale, roundUp: true)));
        if (spec.MinAvailable is not { } least) return (0, 0);
        return IsPercent(least) ? (scale, CountOrPercent.Of(least, scale, roundUp: true)) : (pods, CountOrPercent.Of(least, pods, roundUp: true));
    }

    /// <summary>The evictions that are still to be seen, and the pods that should have gone and didn't.</summary>
    public static (SortedDictionary<string, DateTime?> Pending, IReadOnlyList<V1Pod> NotDeleted) Disrupted(
        V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, DateTime now)
    {
        var pending = new SortedDictionary<string, DateTime?>(StringComparer.Ordinal);
        List<V1Pod> notDeleted = [];
        foreach (var pod in pods)
        {
            if (PodFacts.IsDeleting(pod) || budget.Status?.DisruptedPods is not { } disrupted || !disrupted.TryGetValue(pod.Metadata.Name, out var noted)) continue;
            var since = noted ?? now;
            if (since + DeletionTimeout < now) notDeleted.Add(pod);
            else pending[pod.Metadata.Name] = since;
        }

        return (pending, notDeleted);
    }

    public static V1PodDisruptionBudgetStatus Of(
        V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, int expected, int desired, SortedDictionary<string, DateTime?> pending, DateTime now)
    {
        var healthy = pods.Count(pod => !PodFacts.IsDeleting(pod) && !pending.ContainsKey(pod.Metadata.Name) && PodFacts.IsReady(pod));
        // With nothing expected nothing is allowed: the first pods may be there before this controller has looked again.
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        return new V1PodDisruptionBudgetStatus
        {
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            ExpectedPods = expected,
            DisruptionsAllowed = allowed,
            DisruptedPods = pending.Count == 0 ? null : pending,
            ObservedGeneration = budget.Metadata.Generation,
            Conditions = With(budget, new V1Condition
            {
                Type = Condition,
                Status = allowed > 0 ? "True" : "False",
                Reason = allowed > 0 ? "SufficientPods" : "InsufficientPods",
                Message = "",
                ObservedGeneration = budget.Metadata.Generation,
                LastTransitionTime = now,
            }),
        };
    }

    /// <summary>When nobody knows: nothing is allowed, and the condition says why.</summary>
    public static V1PodDisruptionBudgetStatus Failed(V1PodDisruptionBudget budget, string why, DateTime now)
    {
        var status = budget.Status is null ? new V1PodDisruptionBudgetStatus() : ObjectCopy.Deep(budget.Status);
        status.DisruptionsAllowed = 0;
        status.Conditions = With(budget, new V1Condition
        {
            Type = Condition,
            Status = "False",
            Reason = "SyncFailed",
            Message = why,
            ObservedGeneration = status.ObservedGeneration,
            LastTransitionTime = now,
        });
        return status;
    }

    /// <summary>The time of transition is that of the status.</summary>
    private static List<V1Condition> With(V1PodDisruptionBudget budget, V1Condition condition)
    {
        var others = budget.Status?.Conditions ?? [];
        if (others.FirstOrDefault(other => other.Type == condition.Type) is { } before && before.Status == condition.Status) condition.LastTransitionTime = before.LastTransitionTime;
        return [.. others.Where(other => other.Type != condition.Type), condition];
    }

    private static bool IsPercent(IntOrString? value) => value?.Value?.EndsWith('%') == true;
}
