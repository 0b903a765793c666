using System.Collections.Immutable;
using ActorCluster.Api.Batch;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>A Job and its pods as one look shows them, with what follows from the pods that its status doesn't count yet (syncJob in
/// pkg/controller/job/job_controller.go). Pure.</summary>
internal sealed record JobView
{
    private readonly HashSet<string> _uncountedSucceeded;
    private readonly HashSet<string> _uncountedFailed;
    private readonly ImmutableHashSet<string> _released;

    /// <param name="pods">The job's, those that have ended among them.</param>
    /// <param name="backoff">As it was after the last look.</param>
    /// <param name="released">The uids of pods that were let go, whatever they look like; null for none.</param>
    public JobView(V1Job job, IReadOnlyList<V1Pod> pods, JobBackoff backoff, ImmutableHashSet<string>? released = null)
    {
        Job = job;
        _released = released ?? [];
        // In the order of their indexes, so that what is counted grows from the lowest.
        Pods = JobFacts.IsIndexed(job) ? [.. pods.OrderBy(pod => JobPodFacts.IndexOf(pod) ?? -1)] : pods;
        Active = [.. Pods.Where(PodFacts.IsActive)];
        Terminating = [.. Pods.Where(pod => PodFacts.IsDeleting(pod) && !PodFacts.IsTerminal(pod))];
        _uncountedSucceeded = [.. job.Status?.UncountedTerminatedPods?.Succeeded ?? []];
        _uncountedFailed = [.. job.Status?.UncountedTerminatedPods?.Failed ?? []];
        NewSucceeded = [.. Valid().Where(pod => pod.Status?.Phase == "Succeeded" && !_uncountedSucceeded.Contains(pod.Metadata.Uid))];
        NewFailed = [.. Valid().Where(pod => JobPodFacts.IsFailed(pod, job) && !_uncountedFailed.Contains(pod.Metadata.Uid))];
        Failed = (job.Status?.Failed ?? 0) + NewFailed.Count(pod => PodFailureMatch.Of(job, pod).Counts) + _uncountedFailed.Count;
        Backoff = backoff.After(NewSucceeded, NewFailed);
        Succeeded = (job.Status?.Succeeded ?? 0) + NewSucceeded.Count + _uncountedSucceeded.Count;
        if (!JobFacts.IsIndexed(job)) return;

        CountedIndexes = IndexIntervals.Parse(job.Status?.CompletedIndexes, job.Spec.Completions ?? 0);
        SucceededIndexes = CountedIndexes.With(Indexes(Pods.Where(pod => pod.Status?.Phase == "Succeeded" && IsTracked(pod))));
        Succeeded = SucceededIndexes.Total;
        if (!JobFacts.LimitsPerIndex(job)) return;
        FailedIndexes = IndexIntervals.Parse(job.Status?.FailedIndexes, job.Spec.Completions ?? 0)
            .With(Indexes(Pods.Where(pod => IsTracked(pod) && FailsIndex(pod))));
        Replaceable = LastFailures();
    }

    public V1Job Job { get; }
    public IReadOnlyList<V1Pod> Pods { get; }
    public IReadOnlyList<V1Pod> Active { get; }
    public IReadOnlyList<V1Pod> Terminating { get; }

    /// <summary>Pods that have ended and are in no count yet.</summary>
    public IReadOnlyList<V1Pod> NewSucceeded { get; }

    public IReadOnlyList<V1Pod> NewFailed { get; }
    public int Succeeded { get; }
    public int Failed { get; }
    public JobBackoff Backoff { get; }

    /// <summary>The succeeded indexes that the status has, and those with the pods' that it hasn't; of Indexed jobs.</summary>
    public IndexIntervals CountedIndexes { get; } = IndexIntervals.Empty;

    public IndexIntervals SucceededIndexes { get; } = IndexIntervals.Empty;

    /// <summary>Of jobs with a limit for each index; else null.</summary>
    public IndexIntervals? FailedIndexes { get; }

    /// <summary>For each index that is to be tried again the last pod that failed: it stays until its successor has taken over its counts of failures.</summary>
    public IReadOnlyDictionary<int, V1Pod> Replaceable { get; } = new Dictionary<int, V1Pod>();

    /// <summary>Whether a pod is still held, and so not among the status's numbers.</summary>
    public bool IsTracked(V1Pod pod) => JobPodFacts.IsTracked(pod) && !_released.Contains(pod.Metadata.Uid);

    public bool IsUncountedFailed(V1Pod pod) => _uncountedFailed.Contains(pod.Metadata.Uid);

    /// <summary>The indexes of pods, of those that the job has.</summary>
    public IEnumerable<int> Indexes(IEnumerable<V1Pod> pods) => pods.Select(pod => JobPodFacts.IndexOf(pod, Job)).OfType<int>().Distinct();

    /// <summary>Pods that aren't counted yet and, of Indexed jobs, have an index.</summary>
    private IEnumerable<V1Pod> Valid() => Pods.Where(pod => IsTracked(pod) && (!JobFacts.IsIndexed(Job) || JobPodFacts.IndexOf(pod, Job) is not null));

    private bool FailsIndex(V1Pod pod)
    {
        if (!JobPodFacts.IsFailed(pod, Job)) return false;
        var match = PodFailureMatch.Of(Job, pod);
        return match.Action == "FailIndex" || (match.Counts && JobPodFacts.FailuresBefore(pod) >= Job.Spec.BackoffLimitPerIndex);
    }

    private Dictionary<int, V1Pod> LastFailures()
    {
        var active = Indexes(Active).ToHashSet();
        Dictionary<int, V1Pod> last = [];
        foreach (var pod in Valid().Where(pod => JobPodFacts.IsFailed(pod, Job)))
        {
            var index = JobPodFacts.IndexOf(pod)!.Value;
            if (SucceededIndexes.Has(index) || FailedIndexes!.Has(index) || active.Contains(index)) continue;
            if (!last.TryGetValue(index, out var before) || IsLater(pod, before)) last[index] = pod;
        }

        return last;
    }

    private static bool IsLater(V1Pod pod, V1Pod before) => FailuresAtAll(before) <= FailuresAtAll(pod) && JobPodFacts.FinishedAt(pod) >= JobPodFacts.FinishedAt(before);

    private static int FailuresAtAll(V1Pod pod) => JobPodFacts.FailuresBefore(pod) + JobPodFacts.IgnoredFailuresBefore(pod);
}
