using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>Lets go of pods that no unfinished Job will ever count: their job is gone, or finished, or not theirs any more (the orphan queue of
/// pkg/controller/job/job_controller.go). Keys are pods' "ns/name".</summary>
internal sealed class OrphanedJobPodReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly Informer<V1Job> _jobs;
    private readonly Informer<V1Pod> _pods;
    private readonly InformerIndex<V1Pod> _podsByController;

    public OrphanedJobPodReconciler(ControllerServices services)
    {
        _client = services.ClientFor("job-controller");
        _podsByController = services.Informers.ByController<V1Pod>();
        _jobs = services.Informers.Of<V1Job>();
        _pods = services.Informers.Of<V1Pod>();
    }

    public string Name => "job-orphan-pods";

    public (TimeSpan First, TimeSpan Longest) Retries => JobBackoff.OfRequests;

    public void Attach(IReconcileQueue queue)
    {
        _pods.Changed += (_, after) =>
        {
            if (after is not null && IsLeft(after)) queue.Add(PodFacts.KeyOf(after));
        };
        _jobs.Changed += (before, after) =>
        {
            if (after is not null && JobFacts.Finish(after) is null) return;
            foreach (var pod in _podsByController.Get((after ?? before!).Metadata.Uid).Where(JobPodFacts.IsTracked)) queue.Add(PodFacts.KeyOf(pod));
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_pods.Get(ns, name) is not { } pod || !IsLeft(pod)) return ReconcileResult.Done;
        // The pod can be known before its job is.
        if (OwnerKind.Job.Of(pod) is { } owner && await _client.GetAsync<V1Job>(ns, owner.Name, cancellationToken) is { } job
            && job.Metadata.Uid == owner.Uid && JobFacts.Finish(job) is null) return ReconcileResult.Done;
        await JobFinalizer.RemoveAsync(_client, pod, cancellationToken);
        return ReconcileResult.Done;
    }

    private bool IsLeft(V1Pod pod)
    {
        if (!JobPodFacts.IsTracked(pod)) return false;
        if (Owners.ControllerOf(pod) is null) return true;
        if (OwnerKind.Job.Of(pod) is not { } owner) return false;
        var job = _jobs.Get(pod.Metadata.NamespaceProperty, owner.Name);
        if (job is null || job.Metadata.Uid != owner.Uid) return true;
        return JobFacts.Finish(job) is not null && !JobFacts.IsManagedElsewhere(job);
    }
}
