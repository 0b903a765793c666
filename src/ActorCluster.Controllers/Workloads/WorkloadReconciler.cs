using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>How every controller of workloads begins: with an object of its kind, once the cache shows what was written for it before. Keys are "ns/name".</summary>
internal abstract class WorkloadReconciler<T> : IReconciler where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly CacheLag _lag;

    /// <param name="name">In upstream's words; also the source of its events.</param>
    /// <param name="finalizer">What it holds its own by; null if it doesn't.</param>
    protected WorkloadReconciler(ControllerServices services, string name, OwnerKind kind, string? finalizer = null)
    {
        Name = name;
        Kind = kind;
        Services = services;
        Client = services.ClientFor(name);
        Events = services.EventsFor(Client, name);
        ByNamespace = services.Informers.ByNamespace<T>();
        Cache = services.Informers.Of<T>();
        Ownership = new Ownership<T>(Client, kind, finalizer);
        _lag = new CacheLag(services.Clock);
    }

    public string Name { get; }

    public virtual (TimeSpan First, TimeSpan Longest) Retries => IReconciler.UsualRetries;

    protected OwnerKind Kind { get; }
    protected ControllerServices Services { get; }
    protected KubeClient Client { get; }
    protected EventRecorder Events { get; }
    protected Informer<T> Cache { get; }
    protected InformerIndex<T> ByNamespace { get; }
    protected Ownership<T> Ownership { get; }

    public virtual void Attach(IReconcileQueue queue) => Cache.Changed += (before, after) => OnChanged(before, after, queue);

    public Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (Cache.Get(ns, name) is not { } workload)
        {
            _lag.Forget(key);
            OnGone(key);
            return Task.FromResult(ReconcileResult.Done);
        }

        return _lag.Behind(key, written => written == key ? workload.Metadata.ResourceVersion : VersionOf(written))
            ? Task.FromResult(ReconcileResult.After(CacheLag.Patience))
            : SyncAsync(key, workload, cancellationToken);
    }

    /// <summary>Does what is to be done for a workload that is there.</summary>
    protected abstract Task<ReconcileResult> SyncAsync(string key, T workload, CancellationToken cancellationToken);

    /// <summary>Has a workload looked at that has changed.</summary>
    protected virtual void OnChanged(T? before, T? after, IReconcileQueue queue) => queue.Add(KeyOf(after ?? before!));

    /// <summary>Forgets what was kept for an object that is no longer there.</summary>
    protected virtual void OnGone(string key)
    {
    }

    /// <summary>The version in the cache of something else that was written for a workload.</summary>
    protected virtual string? VersionOf(string written) => null;

    /// <summary>The next look at the workload waits until the cache shows this.</summary>
    protected void Wrote(string key, string written, string? resourceVersion) => _lag.Wrote(key, written, resourceVersion);

    /// <summary>Whether a look at the workload may be waiting for the cache to show that.</summary>
    protected bool Awaits(string key, string written) => _lag.Awaits(key, written);

    protected async Task<T> WriteStatusAsync(string key, T workload, CancellationToken cancellationToken)
    {
        var written = await Client.UpdateAsync(workload, "status", cancellationToken);
        Wrote(key, key, written.Metadata.ResourceVersion);
        return written;
    }

    /// <summary>Says so, if a selector would select every pod there is; such a workload is left alone.</summary>
    protected bool IsSelectingAll(T workload, V1LabelSelector? selector, string kind)
    {
        if (!LabelSelectors.IsEmpty(selector)) return false;
        Events.Record(workload, "Warning", "SelectingAll", $"This {kind} is selecting all pods. A non-empty selector is required.");
        return true;
    }

    /// <returns>What is the workload's, with orphans adopted and misfits let go; null if it turned out to be deleted.</returns>
    protected async Task<IReadOnlyList<TOwned>?> ClaimAsync<TOwned>(T workload, Claim<TOwned> claim, CancellationToken cancellationToken)
        where TOwned : class, IKubernetesObject<V1ObjectMeta>
    {
        var adopted = await Ownership.ApplyAsync(workload, claim, cancellationToken);
        return adopted || claim.Adopt.Count == 0 ? claim.Owned : null;
    }

    protected static string KeyOf(T workload) => ObjectNames.Join(workload.Metadata.NamespaceProperty, workload.Metadata.Name);
}
