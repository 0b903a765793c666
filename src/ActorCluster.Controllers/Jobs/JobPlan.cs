using ActorCluster.Controllers.ReplicaSets;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>Which pods a Job that goes on needs and has too many of (manageJob in pkg/controller/job/job_controller.go). Pure.</summary>
/// <param name="Delete">Active pods that are too many; then none is made.</param>
/// <param name="Create">A pod each; its completion index, or null in a job without.</param>
/// <param name="Wait">How long the making of pods has to wait after failures; null if it hasn't.</param>
internal sealed record JobPlan(IReadOnlyList<V1Pod> Delete, IReadOnlyList<int?> Create, TimeSpan? Wait = null)
{
    /// <summary>MaxPodCreateDeletePerSync.</summary>
    public const int Burst = 500;

    private static readonly JobPlan Nothing = new([], []);

    public static JobPlan Of(JobView view, DateTimeOffset now)
    {
        var (job, active) = (view.Job, view.Active.Count);
        if (JobFacts.IsSuspended(job)) return new(view.Active, []);
        var parallelism = job.Spec.Parallelism ?? 1;
        // Without a number of completions: none is made once one has succeeded, and what runs may go on.
        var wanted = job.Spec.Completions is { } completions ? Math.Clamp(completions - view.Succeeded, 0, parallelism)
            : view.Succeeded > 0 ? active : parallelism;

        var surplus = Surplus(view, Math.Max(0, active - wanted), now);
        if (surplus.Count > 0) return new([.. surplus.Take(Burst)], []);
        var missing = wanted - active - (JobFacts.ReplacesOnlyFailed(job) ? view.Terminating.Count : 0);
        if (missing <= 0) return Nothing;
        if (!JobFacts.LimitsPerIndex(job) && view.Backoff.Remaining(now) is { Ticks: > 0 } wait) return Nothing with { Wait = wait };
        missing = Math.Min(missing, Burst);
        return JobFacts.IsIndexed(job) ? OfIndexes(view, missing, now) : Nothing with { Create = [.. Enumerable.Repeat<int?>(null, missing)] };
    }

    private static JobPlan OfIndexes(JobView view, int missing, DateTimeOffset now)
    {
        var taken = view.SucceededIndexes.With(view.Indexes(view.Active));
        if (JobFacts.ReplacesOnlyFailed(view.Job)) taken = taken.With(view.Indexes(view.Terminating));
        if (view.FailedIndexes is { } failed) taken = taken.Merge(failed);
        var indexes = taken.FirstAbsent(missing, view.Job.Spec.Completions ?? 0).ToList();
        var waits = indexes.ToDictionary(index => index, index => view.Replaceable.TryGetValue(index, out var last) ? JobBackoff.RemainingOfIndex(last, now) : TimeSpan.Zero);
        var ready = indexes.FindAll(index => waits[index] == TimeSpan.Zero);
        return ready.Count > 0 || waits.Count == 0 ? Nothing with { Create = [.. ready.Cast<int?>()] } : Nothing with { Wait = waits.Values.Min() };
    }

    /// <summary>At least that many, and all pods whose index is wrong or another's, too.</summary>
    private static List<V1Pod> Surplus(JobView view, int atLeast, DateTimeOffset now)
    {
        List<V1Pod> remove = [];
        List<V1Pod> left = [];
        if (JobFacts.IsIndexed(view.Job))
        {
            foreach (var group in view.Active.GroupBy(pod => JobPodFacts.IndexOf(pod, view.Job) ?? -1))
            {
                List<V1Pod> pods = [.. group];
                var surplus = group.Key < 0 ? pods : pods.Count == 1 ? [] : PodDeletionRanking.Choose(pods, [], pods.Count - 1, now);
                remove.AddRange(surplus);
                left.AddRange(pods.Except(surplus, ReferenceEqualityComparer.Instance).Cast<V1Pod>());
            }
        }
        else
        {
            left = [.. view.Active];
        }

        if (remove.Count < atLeast) remove.AddRange(PodDeletionRanking.Choose(left, [], atLeast - remove.Count, now));
        return remove;
    }
}
