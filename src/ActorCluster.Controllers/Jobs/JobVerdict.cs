using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>Whether a Job is on its way to its end, and to which (the evaluations of syncJob in pkg/controller/job/job_controller.go). Pure.</summary>
internal static class JobVerdict
{
    /// <returns>SuccessCriteriaMet, FailureTarget, or Failed where the status has the target already; null if the job goes on.</returns>
    public static V1JobCondition? Of(JobView view, DateTimeOffset now)
    {
        var (job, status) = (view.Job, view.Job.Status);
        // What an earlier look decided stands.
        if (JobFacts.True(status, JobFacts.SuccessCriteriaMet) is { } met) return met;
        if (JobFacts.True(status, JobFacts.FailureTarget) is { } target) return JobFacts.NewCondition(JobFacts.Failed, "True", target.Reason, target.Message, now);

        if (FailedByPolicy(view) is { } message) return Target("PodFailurePolicy", message, now);
        if (view.Failed > (job.Spec.BackoffLimit ?? 6) || RestartedTooOften(view)) return Target("BackoffLimitExceeded", "Job has reached the specified backoff limit", now);
        if (DeadlineIn(job, now) <= TimeSpan.Zero) return Target("DeadlineExceeded", "Job was active longer than specified deadline", now);

        if (view.FailedIndexes is { } failed)
        {
            if (failed.Total > job.Spec.MaxFailedIndexes) return Target("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes", now);
            if (failed.Total > 0 && failed.Total + view.SucceededIndexes.Total >= job.Spec.Completions) return Target("FailedIndexes", "Job has failed indexes", now);
        }

        return SuccessPolicyMatch.Of(job, view.SucceededIndexes) is { } matched
            ? JobFacts.NewCondition(JobFacts.SuccessCriteriaMet, "True", "SuccessPolicy", matched, now)
            : null;
    }

    /// <summary>How long a job may still be active; null if that isn't limited.</summary>
    public static TimeSpan? DeadlineIn(V1Job job, DateTimeOffset now) =>
        job.Spec.ActiveDeadlineSeconds is { } seconds && job.Status?.StartTime is { } start && !JobFacts.IsSuspended(job)
            ? start.AddSeconds(seconds) - now.UtcDateTime
            : null;

    /// <summary>Whether a job that nothing has ended is complete.</summary>
    /// <param name="active">Pods that are active now.</param>
    public static V1JobCondition? Completion(JobView view, int active, DateTimeOffset now)
    {
        // Without a number of completions, one success means that the others only have to end.
        var complete = active == 0 && (view.Job.Spec.Completions is { } completions ? view.Succeeded >= completions : view.Succeeded > 0);
        return complete ? JobFacts.NewCondition(JobFacts.SuccessCriteriaMet, "True", "CompletionsReached", "Reached expected number of succeeded pods", now) : null;
    }

    private static string? FailedByPolicy(JobView view) => view.Job.Spec.PodFailurePolicy is null ? null
        : view.Pods.Where(pod => JobPodFacts.IsFailed(pod, view.Job)).Select(pod => PodFailureMatch.Of(view.Job, pod).FailJobMessage).FirstOrDefault(message => message is not null);

    /// <summary>Containers that restart in their pods count as well.</summary>
    private static bool RestartedTooOften(JobView view)
    {
        if (view.Job.Spec.Template.Spec.RestartPolicy != "OnFailure") return false;
        var restarts = view.Pods.Where(pod => pod.Status?.Phase is "Running" or "Pending")
            .Sum(pod => (pod.Status.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? []).Sum(status => status.RestartCount));
        return view.Job.Spec.BackoffLimit is { } limit and > 0 ? restarts >= limit : restarts > 0;
    }

    private static V1JobCondition Target(string reason, string message, DateTimeOffset now) => JobFacts.NewCondition(JobFacts.FailureTarget, "True", reason, message, now);
}
