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
    private readonly ConcurrentDictionary<string, JobBackoff> _backoffs = new();
    private readonly ReleasedPods _released = new();

    public override (TimeSpan First, TimeSpan Longest) Retries => JobBackoff.OfRequests;

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        PodCache.Changed += (before, after) =>
        {
            if (after is null || !JobPodFacts.IsTracked(after)) _released.Remove((before ?? after!).Metadata.Uid);
        };
    }

    protected override V1LabelSelector? SelectorOf(V1Job job) => job.Spec.Selector;

    protected override bool MayAdopt(V1Job job, V1Pod orphan) => JobFacts.Finish(job) is null && base.MayAdopt(job, orphan);

    protected override void OnGone(string key) => _backoffs.TryRemove(key, out _);

    protected override async Task<ReconcileResult> SyncAsync(string key, V1Job job, CancellationToken cancellationToken)
    {
        if (JobFacts.IsManagedElsewhere(job)) return ReconcileResult.Done;
        if (JobFacts.Finish(job) is not null)
        {
            OnGone(key);
            return ReconcileResult.Done;
        }

        var (satisfied, released) = (Expectations.Satisfied(job.Metadata.Uid), _released.Uids);
        var claim = Claim<V1Pod>.Of(job, job.Spec.Selector, PodsByController.OwnedOrOrphaned(job));
        var pods = await ClaimAsync(job, claim, cancellationToken);
        // Adopted ones come back by the watch, with what was written on them.
        if (pods is null || claim.Adopt.Count > 0) return ReconcileResult.Done;

        var now = Services.Now;
        var status = job.Status is null ? new V1JobStatus() : ObjectCopy.Deep(job.Status);
        if (status.StartTime is null && !JobFacts.IsSuspended(job)) status.StartTime = now.ToApiTime();
        var view = new JobView(job with { Status = status }, pods, _backoffs.GetValueOrDefault(key, JobBackoff.None), released);
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
        return decided is null ? new ReconcileResult(ReconcileResult.Earlier(plan.Wait, JobVerdict.DeadlineIn(job with { Status = status }, now))) : ReconcileResult.Done;
    }

    private async Task<Exception?> ApplyAsync(JobView view, JobPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Delete.Count == 0 && plan.Create.Count == 0) return null;
        // What is deleted here counts neither as succeeded nor as failed. Nothing is expected before that has gone well.
        var results = await Task.WhenAll(plan.Delete.Select(pod => TryReleaseAsync(view.Job, pod, cancellationToken)));
        if (results.FirstOrDefault(result => result is not null) is { } failure) return failure;
        Expectations.Expect(view.Job.Metadata.Uid, plan.Create.Count, plan.Delete.Select(pod => pod.Metadata.Uid));
        return plan.Create.Count > 0
            ? await Pods.CreateAsync(view.Job, plan.Create.Count, number => JobPods.For(view, plan.Create[number]), cancellationToken)
            : await Pods.DeleteAsync(view.Job, plan.Delete, cancellationToken);
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

        var results = await Task.WhenAll(tracking.Release.Select(pod => TryReleaseAsync(job, pod, cancellationToken)));
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

    private async Task<Exception?> TryReleaseAsync(V1Job job, V1Pod pod, CancellationToken cancellationToken)
    {
        var uid = pod.Metadata.Uid;
        _released.Add(uid);
        try
        {
            var released = await JobFinalizer.RemoveAsync(Client, pod, cancellationToken);
            // The news that it is gone may have come before this.
            if (released is null && PodsByController.Get(job.Metadata.Uid).All(known => known.Metadata.Uid != uid)) _released.Remove(uid);
            return null;
        }
        catch (Exception failure) when (failure is ApiStatusException or ApiUnavailableException)
        {
            _released.Remove(uid);
            return failure;
        }
    }
}
