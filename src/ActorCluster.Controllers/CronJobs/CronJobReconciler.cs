using System.Globalization;
using ActorCluster.Api.Batch;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.CronJobs;

/// <summary>Makes a CronJob's jobs when their time has come, and keeps the last of them (pkg/controller/cronjob). Keys are "ns/name".</summary>
internal sealed class CronJobReconciler : WorkloadReconciler<V1CronJob>
{
    private readonly Informer<V1Job> _jobs;
    private readonly InformerIndex<V1Job> _jobsByController;

    public CronJobReconciler(ControllerServices services) : base(services, "cronjob-controller", OwnerKind.CronJob)
    {
        _jobsByController = services.Informers.ByController<V1Job>();
        _jobs = services.Informers.Of<V1Job>();
    }

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        _jobs.Changed += (before, after) =>
        {
            foreach (var job in (IEnumerable<V1Job?>)[before, after])
            {
                if (job is not null && Kind.Of(job) is { } owner) queue.Add(ObjectNames.Join(job.Metadata.NamespaceProperty, owner.Name));
            }
        };
    }

    /// <summary>Another schedule counts from now on: what it would have had done before isn't made up for.</summary>
    protected override void OnChanged(V1CronJob? before, V1CronJob? after, IReconcileQueue queue)
    {
        if (before is null || after is null || (before.Spec.Schedule == after.Spec.Schedule && before.Spec.TimeZone == after.Spec.TimeZone))
        {
            base.OnChanged(before, after, queue);
            return;
        }

        if (ScheduleOf(after) is { } schedule) queue.AddAfter(KeyOf(after), UntilNext(after, schedule) ?? TimeSpan.Zero);
    }

    protected override async Task<ReconcileResult> SyncAsync(string key, V1CronJob cronJob, CancellationToken cancellationToken)
    {
        var run = new CronJobRun(cronJob, Client, Events);
        var jobs = _jobsByController.Get(cronJob.Metadata.Uid);
        foreach (var job in CronJobJobs.Expired(cronJob, jobs)) await run.DeleteAsync(job, cancellationToken);
        TimeSpan? next = null;
        var failure = default(Exception);
        try
        {
            run.See(jobs);
            await run.ForgetGoneAsync(jobs, cancellationToken);
            if (cronJob.Metadata.DeletionTimestamp is null && cronJob.Spec.Suspend != true && ScheduleOf(cronJob) is { } schedule)
                next = await StartAsync(cronJob, run, schedule, cancellationToken);
        }
        catch (Exception fault) when (fault is ApiStatusException or ApiUnavailableException)
        {
            // What was seen until then is written all the same.
            failure = fault;
        }

        if (!ObjectCopy.SemanticallyEqual(cronJob.Status, run.Status)) await WriteStatusAsync(key, cronJob with { Status = run.Status }, cancellationToken);
        if (failure is not null) throw failure;
        return new ReconcileResult(next);
    }

    /// <returns>When to look again.</returns>
    private async Task<TimeSpan?> StartAsync(V1CronJob cronJob, CronJobRun run, CronSchedule schedule, CancellationToken cancellationToken)
    {
        var now = Services.Now;
        CronTimes times;
        try
        {
            times = CronTimes.Of(cronJob, now, schedule);
        }
        catch (FormatException fault)
        {
            Events.Record(cronJob, "Warning", "InvalidSchedule", $"invalid schedule: {cronJob.Spec.Schedule} : {fault.Message}");
            return null;
        }

        if (times.Due is { } due)
        {
            if (times.IsTooMany)
            {
                Events.Record(cronJob, "Warning", "TooManyMissedTimes",
                    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
            }

            // Where the name of the job is taken, its time has passed all the same. (Upstream looks again at its next resync.)
            if (MayStart(cronJob, run, due, now)) await run.StartAsync(due, schedule, cancellationToken);
        }

        return UntilNext(cronJob with { Status = run.Status }, schedule);
    }

    private bool MayStart(V1CronJob cronJob, CronJobRun run, DateTimeOffset due, DateTimeOffset now)
    {
        if (cronJob.Spec.StartingDeadlineSeconds is { } deadline && due.AddSeconds(deadline) < now)
        {
            Events.Record(cronJob, "Warning", "MissSchedule",
                string.Create(CultureInfo.InvariantCulture, $"Missed scheduled time to start a job: {due.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000"));
            return false;
        }

        if (run.HasStarted(due)) return false;
        if (cronJob.Spec.ConcurrencyPolicy != "Forbid" || !run.IsActive) return true;
        Events.Record(cronJob, "Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
        return false;
    }

    private CronSchedule? ScheduleOf(V1CronJob cronJob)
    {
        try
        {
            return CronSchedule.Parse(cronJob.Spec.Schedule, cronJob.Spec.TimeZone);
        }
        catch (FormatException fault)
        {
            Events.Record(cronJob, "Warning", "UnparseableSchedule", $"unparseable schedule: \"{cronJob.Spec.Schedule}\" : {fault.Message}");
            return null;
        }
    }

    private TimeSpan? UntilNext(V1CronJob cronJob, CronSchedule schedule)
    {
        try
        {
            return CronTimes.UntilNext(cronJob, Services.Now, schedule);
        }
        catch (FormatException)
        {
            // A schedule without times: the next look says so.
            return null;
        }
    }
}
