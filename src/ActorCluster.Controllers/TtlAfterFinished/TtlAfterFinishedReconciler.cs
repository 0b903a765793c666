using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.TtlAfterFinished;

/// <summary>Deletes Jobs a time after they have finished, and their pods with them (pkg/controller/ttlafterfinished). Keys are "ns/name".</summary>
internal sealed class TtlAfterFinishedReconciler : IReconciler
{
    private readonly ControllerServices _services;
    private readonly KubeClient _client;
    private readonly Informer<V1Job> _jobs;

    public TtlAfterFinishedReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _jobs = services.Informers.Of<V1Job>();
    }

    public string Name => "ttl-after-finished-controller";

    public void Attach(IReconcileQueue queue) => _jobs.Changed += (_, after) =>
    {
        if (after is not null && ExpiresAt(after) is not null) queue.Add(ObjectNames.Join(after.Metadata.NamespaceProperty, after.Metadata.Name));
    };

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_jobs.Get(ns, name) is not { } cached || ExpiresAt(cached) is not { } expiry) return ReconcileResult.Done;
        if (expiry > _services.Now) return ReconcileResult.After(expiry - _services.Now);

        // It may have been given more time that the cache doesn't show yet.
        if (await _client.GetAsync<V1Job>(ns, name, cancellationToken) is not { } job || ExpiresAt(job) is not { } due) return ReconcileResult.Done;
        if (due > _services.Now) return ReconcileResult.After(due - _services.Now);
        await _client.DeleteAsync<V1Job>(ns, name, new DeleteOptions(PreconditionUid: job.Metadata.Uid, PropagationPolicy: "Foreground"), cancellationToken);
        return ReconcileResult.Done;
    }

    /// <returns>Null if it hasn't finished, or may stay, or is going already.</returns>
    private static DateTimeOffset? ExpiresAt(V1Job job) =>
        job.Metadata.DeletionTimestamp is null && job.Spec.TtlSecondsAfterFinished is { } seconds && JobFacts.Finish(job)?.LastTransitionTime is { } finished
            ? new DateTimeOffset(finished, TimeSpan.Zero).AddSeconds(seconds)
            : null;
}
