using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>A controller of workloads that have pods of their own.</summary>
internal abstract class PodWorkloadReconciler<T> : WorkloadReconciler<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    protected PodWorkloadReconciler(ControllerServices services, string name, OwnerKind kind, IPodEventWording? wording = null, string? finalizer = null)
        : base(services, name, kind, finalizer)
    {
        PodsByController = services.Informers.ByController<V1Pod>();
        PodCache = services.Informers.Of<V1Pod>();
        Expectations = new Expectations(services.Clock);
        Pods = new PodControl(Client, Events, Expectations, wording);
    }

    protected Informer<V1Pod> PodCache { get; }
    protected InformerIndex<V1Pod> PodsByController { get; }
    protected Expectations Expectations { get; }
    protected PodControl Pods { get; }

    public override void Attach(IReconcileQueue queue)
    {
        Cache.Changed += (before, after) =>
        {
            if (before is not null && before.Metadata.Uid != after?.Metadata.Uid) Expectations.Forget(before.Metadata.Uid);
        };
        base.Attach(queue);
        PodCache.Changed += new OwnedPodWatch(Kind, Expectations, queue, Adopters).OnChanged;
    }

    protected abstract V1LabelSelector? SelectorOf(T workload);

    /// <summary>Whether a pod without an owner might become the workload's.</summary>
    protected virtual bool MayAdopt(T workload, V1Pod orphan) => LabelSelectors.Matches(SelectorOf(workload), orphan.Metadata.Labels);

    /// <summary>The workloads whose selector a revision without an owner matches.</summary>
    protected IEnumerable<string> Adopters(V1ControllerRevision orphan) =>
        ByNamespace.Get(orphan.Metadata.NamespaceProperty).Where(workload => LabelSelectors.Matches(SelectorOf(workload), orphan.Metadata.Labels)).Select(KeyOf);

    private IEnumerable<string> Adopters(V1Pod orphan) =>
        ByNamespace.Get(orphan.Metadata.NamespaceProperty).Where(workload => MayAdopt(workload, orphan)).Select(KeyOf);
}
