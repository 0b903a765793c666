using System.Collections.Concurrent;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>Runs a Job's pods until enough of them have succeeded, or too many have failed (pkg/controller/job). Keys are "ns/name".</summary>
internal sealed class JobReconciler(ControllerServices services)
    : PodWorkloadReconciler<V1Job>(services, "job-controller", OwnerKind.Job, finalizer: JobPodFacts.TrackingFinalizer)
{
    private const string PodPrefix = "pod:";

    private readonly ConcurrentDictionary<string, JobBackoff> _backoffs = new();

    protected override V1LabelSelector? SelectorOf(V1Job job) => job.Spec.Selector;

    protected override bool MayAdopt(V1Job job, V1Pod orphan) => JobFacts.Finish(job) is null && base.MayAdopt(job, orphan);

    /// <summary>A pod that is gone has been let go.</summary>
    protected override string? VersionOf(string written)
    {
        var (ns, name) = ObjectNames.Split(written[PodPrefix.Length..]);
        return PodCache.Get(ns, name) is { } pod ? pod.Metadata.ResourceVersion : $"{long.MaxValue}";
    }

    protected override void OnGone(string key) => _backoffs.TryRemove(key, out _);

    protected override async Task<ReconcileResult> SyncAsync(string key, V1Job job, CancellationToken cancellationToken)
    {
        if (JobFacts.IsManagedElsewhere(job)) return ReconcileResult.Done;
        if (JobFacts.Finish(job) is not null)
        {
            OnGone(key);
            return ReconcileResult.Done;
        }

        var satisfied = Expectations.Satisfied(job.Metadata.Uid);
        var claim = Claim<V1Pod>.Of(job, job.Spec.Selector, PodsByController.OwnedOrOrphaned(job));
        var pods = await ClaimAsync(job, claim, cancellationToken);
        // Adopted ones come back by the watch, with what was written on them.
        if (pods is null || claim.Adopt.Count > 0) return ReconcileResult.Done;

        var now = Services.Now;
        var status = job.Status is null ? new V1JobStatus() : ObjectCopy.Deep(job.Status);
        if (status.StartTime is null && !JobFacts.IsSuspended(job)) status.StartTime = now.ToApiTime();
        var view = new JobView(job with { Status = status }, pods, _backoffs.GetValueOrDefault(key, JobBackoff.None));
        return await ManageAsync(key, job, view, satisfied, cancellationToken);
    }

    private async Task<ReconcileResult> ManageAsync(string key, V1Job job, JobView view, bool satisfied, CancellationToken cancellationToken)
    {
        var now = Services.Now;
        var status = ObjectCopy.Deep(view.Job.Status);
        var (active, ready) = (view.Active.Count, view.Active.Count(PodFacts.IsReady));
        var mayManage = satisfied && job.Metadata.DeletionTimestamp is null;
        var decided = JobVerdict.Of(view, now);
        var plan = decided is not null ? new JobPlan(view.Active, []) : mayManage ? JobPlan.Of(view, now) : new JobPlan([], []);
        var failure = decided is null ? await ApplyAsync(view, plan, cancellationToken) : await Pods.DeleteAsync(job, plan.Delete, cancellationToken);
        if (failure is null)
        {
            active += plan.Create.Count - plan.Delete.Count;
            ready -= plan.Delete.Count(PodFacts.IsReady);
        }

        // A job doesn't end before all of its pods are known to be on their way out.
        var verdict = decided is null ? JobVerdict.Completion(view, active, now) : failure is null && satisfied ? decided : null;
        if (decided is null && verdict is null && mayManage) Suspend(job, status, now);

        status.Active = active == 0 ? null : active;
        status.Ready = ready;
        status.Terminating = view.Terminating.Count + (failure is null ? plan.Delete.Count : 0);
        await TrackAsync(key, job, view, JobTracking.Of(view, status, verdict, now), cancellationToken);
        if (failure is not null) throw failure;
        return decided is null ? new ReconcileResult(Earlier(plan.Wait, JobVerdict.DeadlineIn(job with { Status = status }, now))) : ReconcileResult.Done;
    }

    private async Task<Exception?> ApplyAsync(JobView view, JobPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Delete.Count == 0 && plan.Create.Count == 0) return null;
        Expectations.Expect(view.Job.Metadata.Uid, plan.Create.Count, plan.Delete.Select(pod => pod.Metadata.Uid));
        if (plan.Create.Count > 0) return await Pods.CreateAsync(view.Job, plan.Create.Count, number => JobPods.For(view, plan.Create[number]), cancellationToken);
        // These count neither as succeeded nor as failed.
        await Task.WhenAll(plan.Delete.Select(pod => ReleaseAsync(pod, cancellationToken)));
        return await Pods.DeleteAsync(view.Job, plan.Delete, cancellationToken);
    }

    private void Suspend(V1Job job, V1JobStatus status, DateTimeOffset now)
    {
        if (JobFacts.IsSuspended(job))
        {
            if (!JobFacts.SetCondition(status, JobFacts.NewCondition(JobFacts.Suspended, "True", "JobSuspended", "Job suspended", now))) return;
            status.StartTime = null;
            Events.Record(job, "Normal", "Suspended", "Job suspended");
        }
        else if (JobFacts.SetCondition(status, JobFacts.NewCondition(JobFacts.Suspended, "False", "JobResumed", "Job resumed", now)))
        {
            // The deadline is for the time that it is active at a stretch.
            status.StartTime = now.ToApiTime();
            Events.Record(job, "Normal", "Resumed", "Job resumed");
        }
    }

    /// <summary>Names, lets go and counts pods that have ended, in that order; and finishes the job.</summary>
    private async Task TrackAsync(string key, V1Job job, JobView view, JobTracking tracking, CancellationToken cancellationToken)
    {
        var current = job;
        if (!ObjectCopy.SemanticallyEqual(job.Status, tracking.Status))
        {
            current = await WriteStatusAsync(key, job with { Status = tracking.Status }, cancellationToken);
            _backoffs[key] = view.Backoff;
        }

        var results = await Task.WhenAll(tracking.Release.Select(pod => TryReleaseAsync(key, pod, cancellationToken)));
        var released = tracking.Release.Where((_, number) => results[number] is null).Select(pod => pod.Metadata.Uid);
        var status = ObjectCopy.Deep(tracking.Status);
        JobTracking.Count(status, tracking.Tracked.Except(released));
        var failure = results.FirstOrDefault(result => result is not null);
        var finished = failure is null && JobTracking.TryFinish(status, tracking.Final);
        if (!ObjectCopy.SemanticallyEqual(tracking.Status, status)) await WriteStatusAsync(key, current with { Status = status }, cancellationToken);
        if (finished) SayFinished(job, status, tracking.Final!);
        if (failure is not null) throw failure;
    }

    private void SayFinished(V1Job job, V1JobStatus status, V1JobCondition final)
    {
        if (final.Type == JobFacts.Failed)
        {
            Events.Record(job, "Warning", final.Reason, final.Message);
            return;
        }

        if (job.Spec.Completions is { } completions && status.Succeeded > completions)
            Events.Record(job, "Warning", "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
        Events.Record(job, "Normal", "Completed", "Job completed");
    }

    private async Task<Exception?> TryReleaseAsync(string key, V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReleaseAsync(pod, cancellationToken) is { } released)
                Wrote(key, PodPrefix + PodFacts.KeyOf(pod), released.Metadata.ResourceVersion);
            return null;
        }
        catch (Exception failure) when (failure is ApiStatusException or ApiUnavailableException)
        {
            return failure;
        }
    }

    private Task<V1Pod?> ReleaseAsync(V1Pod pod, CancellationToken cancellationToken) => JobFinalizer.RemoveAsync(Client, pod, cancellationToken);

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
