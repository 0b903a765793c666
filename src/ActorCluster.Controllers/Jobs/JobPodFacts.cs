using System.Globalization;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>What a Job asks of its pods (pkg/controller/job/{indexed_job_utils,backoff_utils,tracking_utils}.go).</summary>
internal static class JobPodFacts
{
    /// <summary>Holds a pod until the job's status counts it.</summary>
    public const string TrackingFinalizer = "batch.kubernetes.io/job-tracking";

    public const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";
    public const string FailuresAnnotation = "batch.kubernetes.io/job-index-failure-count";
    public const string IgnoredFailuresAnnotation = "batch.kubernetes.io/job-index-ignored-failure-count";

    public static bool IsTracked(V1Pod pod) => pod.Metadata.Finalizers?.Contains(TrackingFinalizer) == true;

    /// <summary>The completion index; null if the pod has none, or no sensible one.</summary>
    public static int? IndexOf(V1Pod pod) => Number(pod, IndexAnnotation);

    /// <summary>The completion index, if the job has such a one.</summary>
    public static int? IndexOf(V1Pod pod, V1Job job) => IndexOf(pod) is { } index && index < (job.Spec.Completions ?? 0) ? index : null;

    /// <summary>How often the index failed before this pod, of what counts against the limit.</summary>
    public static int FailuresBefore(V1Pod pod) => Number(pod, FailuresAnnotation) ?? 0;

    public static int IgnoredFailuresBefore(V1Pod pod) => Number(pod, IgnoredFailuresAnnotation) ?? 0;

    /// <summary>A pod that was deleted before it ended counts as failed, unless only those that did fail are replaced.</summary>
    public static bool IsFailed(V1Pod pod, V1Job job) =>
        pod.Status?.Phase == "Failed" || (!JobFacts.ReplacesOnlyFailed(job) && PodFacts.IsDeleting(pod) && pod.Status?.Phase != "Succeeded");

    /// <summary>When the pod ended, as well as that is known.</summary>
    public static DateTime FinishedAt(V1Pod pod)
    {
        if (LastContainerEnd(pod) is { } end) return end;
        if (Conditions.Find(pod, "Ready") is { Status: "False", LastTransitionTime: { } unready }) return unready;
        if (pod.Metadata.DeletionTimestamp is { } deletion) return deletion.AddSeconds(-(pod.Metadata.DeletionGracePeriodSeconds ?? 0));
        return pod.Metadata.CreationTimestamp ?? DateTime.MinValue;
    }

    /// <returns>Null if some container hasn't ended.</returns>
    private static DateTime? LastContainerEnd(V1Pod pod)
    {
        var sidecars = pod.Spec.InitContainers?.Where(container => container.RestartPolicy == "Always").Select(container => container.Name).ToHashSet() ?? [];
        var ends = (pod.Status?.ContainerStatuses ?? []).Concat((pod.Status?.InitContainerStatuses ?? []).Where(status => sidecars.Contains(status.Name)))
            .Select(status => status.State?.Terminated?.FinishedAt).ToList();
        return ends.Contains(null) ? null : ends.Max();
    }

    private static int? Number(V1Pod pod, string annotation) =>
        pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(annotation, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
