using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>How long a Job waits before it makes another pod: 10 s after the first failure since a success, then doubling, at most 10 min
/// (pkg/controller/job/backoff_utils.go). Pure.</summary>
/// <param name="LastFailure">Null if nothing has failed since the last success.</param>
internal sealed record JobBackoff(int Failures, DateTime? LastFailure)
{
    public static readonly JobBackoff None = new(0, null);

    /// <summary>What the controllers' requests wait that failed (DefaultJobApiBackOff and MaxJobApiBackOff in pkg/controller/job/job_controller.go).</summary>
    public static readonly (TimeSpan First, TimeSpan Longest) OfRequests = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private static readonly TimeSpan Initial = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>With pods that have ended since.</summary>
    public JobBackoff After(IReadOnlyList<V1Pod> succeeded, IReadOnlyList<V1Pod> failed)
    {
        var failures = failed.Select(JobPodFacts.FinishedAt).ToList();
        if (succeeded.Count > 0)
        {
            var success = succeeded.Max(JobPodFacts.FinishedAt);
            failures.RemoveAll(time => time <= success);
            return failures.Count == 0 ? None : new(failures.Count, failures.Max());
        }

        return failures.Count == 0 ? this : new(Failures + failures.Count, failures.Max());
    }

    /// <summary>How much of the wait is left; zero if there is none.</summary>
    public TimeSpan Remaining(DateTimeOffset now) => Remaining(Failures, LastFailure, now);

    /// <summary>The same for one index, whose last pod has failed.</summary>
    public static TimeSpan RemainingOfIndex(V1Pod last, DateTimeOffset now) =>
        Remaining(JobPodFacts.FailuresBefore(last) + JobPodFacts.IgnoredFailuresBefore(last) + 1, JobPodFacts.FinishedAt(last), now);

    private static TimeSpan Remaining(int failures, DateTime? last, DateTimeOffset now)
    {
        if (failures == 0 || last is not { } since) return TimeSpan.Zero;
        var seconds = Math.Min(Initial.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 30)), Longest.TotalSeconds);
        var left = TimeSpan.FromSeconds(seconds) - (now.UtcDateTime - since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
