using System.Globalization;
using ActorCluster.Api.Batch;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.CronJobs;

/// <summary>The jobs of a CronJob. Pure.</summary>
internal static class CronJobJobs
{
    private const string ScheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    /// <summary>The same for the same time, so that no time gets two jobs.</summary>
    public static string NameAt(V1CronJob cronJob, DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{cronJob.Metadata.Name}-{time.ToUnixTimeSeconds() / 60}");

    public static V1Job At(V1CronJob cronJob, DateTimeOffset time, CronSchedule schedule)
    {
        var template = cronJob.Spec.JobTemplate;
        var local = schedule.InZone(time);
        var timestamp = local.ToString(local.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        return new V1Job
        {
            Metadata = new V1ObjectMeta
            {
                Name = NameAt(cronJob, time),
                NamespaceProperty = cronJob.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels,
                Annotations = new Dictionary<string, string>(template.Metadata?.Annotations ?? new Dictionary<string, string>()) { [ScheduledAnnotation] = timestamp },
                OwnerReferences = [OwnerKind.CronJob.Reference(cronJob)],
            },
            Spec = template.Spec,
        };
    }

    public static V1ObjectReference ReferenceTo(V1Job job) => new()
    {
        ApiVersion = ApiVersions.Batch,
        Kind = "Job",
        Name = job.Metadata.Name,
        NamespaceProperty = job.Metadata.NamespaceProperty,
        Uid = job.Metadata.Uid,
        ResourceVersion = job.Metadata.ResourceVersion,
    };

    /// <summary>Finished jobs that are more than are kept, the oldest first.</summary>
    public static IReadOnlyList<V1Job> Expired(V1CronJob cronJob, IReadOnlyList<V1Job> jobs) =>
    [
        .. Oldest(jobs.Where(job => JobFacts.Finish(job)?.Type == JobFacts.Complete), cronJob.Spec.SuccessfulJobsHistoryLimit),
        .. Oldest(jobs.Where(job => JobFacts.Finish(job)?.Type == JobFacts.Failed), cronJob.Spec.FailedJobsHistoryLimit),
    ];

    private static IEnumerable<V1Job> Oldest(IEnumerable<V1Job> jobs, int? limit) => limit is not { } kept ? []
        : jobs.Where(job => job.Metadata.DeletionTimestamp is null)
            .OrderBy(job => job.Status.StartTime ?? DateTime.MaxValue).ThenBy(job => job.Metadata.Name, StringComparer.Ordinal).SkipLast(kept);
}
