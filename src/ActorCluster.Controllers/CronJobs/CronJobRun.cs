using ActorCluster.Api.Batch;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.CronJobs;

/// <summary>What one look at a CronJob does, and its status as it comes of that (syncCronJob in pkg/controller/cronjob/cronjob_controllerv2.go).</summary>
internal sealed class CronJobRun(V1CronJob cronJob, KubeClient client, EventRecorder events)
{
    private readonly List<V1ObjectReference> _active = [.. cronJob.Status?.Active ?? []];
    private DateTime? _lastSchedule = cronJob.Status?.LastScheduleTime;
    private DateTime? _lastSuccess = cronJob.Status?.LastSuccessfulTime;

    public bool IsActive => _active.Count > 0;

    public V1CronJobStatus Status => new()
    {
        Active = _active.Count == 0 ? null : [.. _active],
        LastScheduleTime = _lastSchedule,
        LastSuccessfulTime = _lastSuccess,
    };

    /// <summary>Whether that time has its job already.</summary>
    public bool HasStarted(DateTimeOffset due) =>
        _lastSchedule == due.UtcDateTime || _active.Exists(reference => reference.Name == CronJobJobs.NameAt(cronJob, due));

    /// <summary>Strikes jobs off that have finished.</summary>
    public void See(IReadOnlyList<V1Job> jobs)
    {
        foreach (var job in jobs)
        {
            if (JobFacts.Finish(job) is not { } finish)
            {
                if (!Has(job.Metadata.Uid)) Say("Warning", "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}");
                continue;
            }

            if (Forget(job.Metadata.Uid)) Say("Normal", "SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: {finish.Type}");
            if (finish.Type == JobFacts.Complete && (_lastSuccess is null || job.Status.CompletionTime > _lastSuccess)) _lastSuccess = job.Status.CompletionTime;
        }
    }

    /// <summary>Strikes jobs off that someone has deleted.</summary>
    public async Task ForgetGoneAsync(IReadOnlyList<V1Job> jobs, CancellationToken cancellationToken)
    {
        foreach (var reference in _active.Where(reference => jobs.All(job => job.Metadata.Uid != reference.Uid)).ToList())
        {
            if (await client.GetAsync<V1Job>(reference.NamespaceProperty, reference.Name, cancellationToken) is not null) continue;
            Say("Normal", "MissingJob", $"Active job went missing: {reference.Name}");
            Forget(reference.Uid);
        }
    }

    /// <returns>What went wrong; null if the job is gone or going.</returns>
    public async Task<ApiStatusException?> DeleteAsync(V1Job job, CancellationToken cancellationToken)
    {
        try
        {
            var options = new DeleteOptions(PreconditionUid: job.Metadata.Uid, PropagationPolicy: "Background");
            if (await client.DeleteAsync<V1Job>(job.Metadata.NamespaceProperty, job.Metadata.Name, options, cancellationToken))
                Say("Normal", "SuccessfulDelete", $"Deleted job {job.Metadata.Name}");
            Forget(job.Metadata.Uid);
            return null;
        }
        catch (ApiStatusException failure)
        {
            Say("Warning", "FailedDelete", $"Deleted job: {failure.Message}");
            return failure;
        }
    }

    /// <summary>Makes the job of that time, instead of those that still run if the policy is to replace them.</summary>
    /// <remarks>Nothing happens if there is one of its name that is another's, or known already.</remarks>
    public async Task StartAsync(DateTimeOffset due, CronSchedule schedule, CancellationToken cancellationToken)
    {
        if (cronJob.Spec.ConcurrencyPolicy == "Replace") await ReplaceAsync(cancellationToken);
        if (await CreateAsync(CronJobJobs.At(cronJob, due, schedule), cancellationToken) is not { } job) return;
        _active.Add(CronJobJobs.ReferenceTo(job));
        _lastSchedule = due.UtcDateTime;
    }

    private async Task ReplaceAsync(CancellationToken cancellationToken)
    {
        foreach (var reference in _active.ToList())
        {
            if (await client.GetAsync<V1Job>(reference.NamespaceProperty, reference.Name, cancellationToken) is not { } job) Forget(reference.Uid);
            else if (await DeleteAsync(job, cancellationToken) is { } failure) throw failure;
        }
    }

    private async Task<V1Job?> CreateAsync(V1Job job, CancellationToken cancellationToken)
    {
        try
        {
            var created = await client.CreateAsync(job, cancellationToken);
            Say("Normal", "SuccessfulCreate", $"Created job {created.Metadata.Name}");
            return created;
        }
        catch (ApiStatusException exists) when (exists.IsAlreadyExists)
        {
            // Made by an earlier look whose status wasn't written; or it is someone else's.
            var found = await client.GetAsync<V1Job>(job.Metadata.NamespaceProperty, job.Metadata.Name, cancellationToken);
            return found is not null && Owners.IsControlledBy(found, cronJob) && !Has(found.Metadata.Uid) ? found : null;
        }
        catch (ApiStatusException refused)
        {
            if (!NamespaceTermination.IsCauseOf(refused)) Say("Warning", "FailedCreate", $"Error creating job: {refused.Message}");
            throw;
        }
    }

    private bool Has(string uid) => _active.Exists(reference => reference.Uid == uid);

    private bool Forget(string uid) => _active.RemoveAll(reference => reference.Uid == uid) > 0;

    private void Say(string type, string reason, string message) => events.Record(cronJob, type, reason, message);
}
