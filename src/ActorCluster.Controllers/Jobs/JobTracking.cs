using System.Collections.Immutable;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>How a Job's status comes to count each pod once, whatever happens in between: first it names the pods that have ended, then they are let go,
/// then they are numbers (trackJobStatusAndRemoveFinalizers in pkg/controller/job/job_controller.go). Pure.</summary>
/// <param name="Status">What is to be written before any pod is let go.</param>
/// <param name="Release">Pods that the status knows about then.</param>
/// <param name="Tracked">The uids of all pods that aren't let go yet.</param>
/// <param name="Final">Complete or Failed: what the job is once its pods are counted and gone; null if it goes on.</param>
internal sealed record JobTracking(V1JobStatus Status, IReadOnlyList<V1Pod> Release, ImmutableHashSet<string> Tracked, V1JobCondition? Final)
{
    /// <summary>MaxUncountedPods: keeps the status small.</summary>
    public const int MostUncounted = 500;

    /// <param name="status">The status with its other changes; it is taken over.</param>
    /// <param name="verdict">SuccessCriteriaMet, FailureTarget or Failed, if that is decided.</param>
    public static JobTracking Of(JobView view, V1JobStatus status, V1JobCondition? verdict, DateTimeOffset now)
    {
        var tracked = view.Pods.Where(view.IsTracked).Select(pod => pod.Metadata.Uid).ToImmutableHashSet();
        status.UncountedTerminatedPods ??= new V1UncountedTerminatedPods();
        Count(status, tracked);
        var (release, indexes, complete) = Sort(view, status, verdict);

        if (JobFacts.IsIndexed(view.Job))
        {
            // Of those that succeeded only what is let go counts; what was cut off by the limit comes with the next look.
            var completed = view.CountedIndexes.With(indexes);
            status.CompletedIndexes = completed.Total == 0 ? null : completed.ToString();
            status.Succeeded = completed.Total;
            status.FailedIndexes = view.FailedIndexes?.ToString();
        }

        if (verdict?.Type is JobFacts.FailureTarget or JobFacts.SuccessCriteriaMet) JobFacts.SetCondition(status, verdict);
        var final = verdict is null || !complete ? null
            : JobFacts.NewCondition(verdict.Type == JobFacts.SuccessCriteriaMet ? JobFacts.Complete : JobFacts.Failed, "True", verdict.Reason, verdict.Message, now);
        return new(status, release, tracked, final);
    }

    /// <summary>Turns the uids of pods that were let go into numbers.</summary>
    public static void Count(V1JobStatus status, ImmutableHashSet<string> tracked)
    {
        var uncounted = status.UncountedTerminatedPods;
        var (succeeded, failed) = (uncounted.Succeeded ?? [], uncounted.Failed ?? []);
        var (keptSucceeded, keptFailed) = (succeeded.Where(tracked.Contains).ToList(), failed.Where(tracked.Contains).ToList());
        status.Succeeded = Sum(status.Succeeded, succeeded.Count - keptSucceeded.Count);
        status.Failed = Sum(status.Failed, failed.Count - keptFailed.Count);
        status.UncountedTerminatedPods = new V1UncountedTerminatedPods { Succeeded = NullIfEmpty(keptSucceeded), Failed = NullIfEmpty(keptFailed) };
    }

    /// <summary>Makes the job complete or failed, if nothing is left to be waited for.</summary>
    public static bool TryFinish(V1JobStatus status, V1JobCondition? final)
    {
        if (final is null || status.Terminating > 0) return false;
        if (status.UncountedTerminatedPods is { } uncounted && (uncounted.Succeeded?.Count ?? 0) + (uncounted.Failed?.Count ?? 0) > 0) return false;
        JobFacts.SetCondition(status, final);
        if (final.Type == JobFacts.Complete) status.CompletionTime = final.LastTransitionTime;
        return true;
    }

    private static (IReadOnlyList<V1Pod> Release, IReadOnlyList<int> Indexes, bool Complete) Sort(JobView view, V1JobStatus status, V1JobCondition? verdict)
    {
        List<V1Pod> release = [];
        List<int> indexes = [];
        List<string> succeeded = [.. status.UncountedTerminatedPods.Succeeded ?? []];
        List<string> failed = [.. status.UncountedTerminatedPods.Failed ?? []];
        var complete = true;
        foreach (var pod in view.Pods.Where(pod => view.IsTracked(pod) && MayGo(view, pod, verdict)))
        {
            release.Add(pod);
            var index = JobPodFacts.IndexOf(pod, view.Job);
            if (pod.Status?.Phase == "Succeeded" && !view.IsUncountedFailed(pod))
            {
                // An index is enough to be counted once.
                if (!JobFacts.IsIndexed(view.Job)) Add(succeeded, pod);
                else if (index is { } number && !view.CountedIndexes.Has(number)) indexes.Add(number);
            }
            else if (IsLost(view, pod, verdict) && (!JobFacts.IsIndexed(view.Job) || index is not null) && PodFailureMatch.Of(view.Job, pod).Counts)
            {
                Add(failed, pod);
            }

            if (indexes.Count + succeeded.Count + failed.Count < MostUncounted) continue;
            complete = false;
            break;
        }

        status.UncountedTerminatedPods = new V1UncountedTerminatedPods { Succeeded = NullIfEmpty(succeeded), Failed = NullIfEmpty(failed) };
        return (release, indexes, complete);
    }

    /// <summary>When the job has failed, whatever didn't succeed has failed, too.</summary>
    private static bool IsLost(JobView view, V1Pod pod, V1JobCondition? verdict) =>
        JobPodFacts.IsFailed(pod, view.Job) || (verdict is not null && verdict.Type != JobFacts.SuccessCriteriaMet);

    private static bool MayGo(JobView view, V1Pod pod, V1JobCondition? verdict)
    {
        if (view.Job.Metadata.DeletionTimestamp is not null || verdict is not null || pod.Status?.Phase == "Succeeded") return true;
        if (!JobPodFacts.IsFailed(pod, view.Job)) return false;
        return JobPodFacts.IndexOf(pod) is not { } index || view.Replaceable.GetValueOrDefault(index)?.Metadata.Uid != pod.Metadata.Uid;
    }

    private static void Add(List<string> uids, V1Pod pod)
    {
        if (!uids.Contains(pod.Metadata.Uid)) uids.Add(pod.Metadata.Uid);
    }

    private static List<string>? NullIfEmpty(List<string> list) => list.Count == 0 ? null : list;

    private static int? Sum(int? count, int more) => more == 0 ? count : (count ?? 0) + more;
}
