using ActorCluster.Api.Selectors;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Disruption;

/// <summary>Keeps the status of disruption budgets: how many of their pods may be evicted now (pkg/controller/disruption). Keys are "ns/name" of
/// budgets.</summary>
internal sealed class DisruptionReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1PodDisruptionBudget> _budgets;
    private readonly InformerIndex<V1PodDisruptionBudget> _budgetsByNamespace;
    private readonly Informer<V1Pod> _pods;
    private readonly InformerIndex<V1Pod> _podsByNamespace;
    private readonly OwnerScales _scales;

    public DisruptionReconciler(ControllerServices services, MetadataInformers metadata)
    {
        _services = services;
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, "controllermanager");
        _budgetsByNamespace = services.Informers.ByNamespace<V1PodDisruptionBudget>();
        _podsByNamespace = services.Informers.ByNamespace<V1Pod>();
        _budgets = services.Informers.Of<V1PodDisruptionBudget>();
        _pods = services.Informers.Of<V1Pod>();
        _scales = new OwnerScales(services, metadata, _client.User);
    }

    public string Name => "disruption-controller";

    public int Parallelism => 4;

    public void Attach(IReconcileQueue queue)
    {
        _budgets.Changed += (_, after) =>
        {
            if (after is not null) queue.Add(ObjectNames.Join(after.Metadata.NamespaceProperty, after.Metadata.Name));
        };
        _pods.Changed += (before, after) =>
        {
            foreach (var budget in _budgetsByNamespace.Get((after ?? before)!.Metadata.NamespaceProperty))
            {
                if (Selects(budget, before) || Selects(budget, after)) queue.Add(ObjectNames.Join(budget.Metadata.NamespaceProperty, budget.Metadata.Name));
            }
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_budgets.Get(ns, name) is not { } budget) return ReconcileResult.Done;
        var now = _services.Now.UtcDateTime;
        var pods = _podsByNamespace.Get(ns).Where(pod => Selects(budget, pod)).ToList();
        if (pods.Count == 0) _events.Record(budget, "Normal", "NoPods", "No matching pods found");
        var scale = 0;
        try
        {
            if (BudgetStatus.NeedsScale(budget.Spec)) scale = await ScaleAsync(budget, pods, cancellationToken);
        }
        catch (Exception failure) when (failure is InvalidOperationException or ApiStatusException { Code: not 409 })
        {
            _events.Record(budget, "Warning", "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {failure.Message}");
            await WriteAsync(budget, BudgetStatus.Failed(budget, failure.Message, _services.Now.ToApiTime()), cancellationToken);
            return ReconcileResult.Done;
        }

        var (expected, desired) = BudgetStatus.Counts(budget.Spec, pods.Count, scale);
        var (pending, notDeleted) = BudgetStatus.Disrupted(budget, pods, now);
        foreach (var pod in notDeleted) _events.Record(pod, "Warning", "NotDeleted", $"Pod was expected by PDB {ns}/{name} to be deleted but it wasn't");
        await WriteAsync(budget, BudgetStatus.Of(budget, pods, expected, desired, pending, _services.Now.ToApiTime()), cancellationToken);
        return pending.Count == 0 ? ReconcileResult.Done : ReconcileResult.After((pending.Values.Min() ?? now) + BudgetStatus.DeletionTimeout - now + TimeSpan.FromSeconds(1));
    }

    private async Task<int> ScaleAsync(V1PodDisruptionBudget budget, List<V1Pod> pods, CancellationToken cancellationToken)
    {
        var (sum, unmanaged) = await _scales.OfAsync(pods, cancellationToken);
        if (unmanaged.Count > 0)
        {
            _events.Record(budget, "Warning", "UnmanagedPods",
                $"Pods selected by this PodDisruptionBudget (selector: {LabelSelector.FromModel(budget.Spec.Selector)}) were found to be unmanaged. "
                + "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. "
                + "To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
        }

        return sum;
    }

    private async Task WriteAsync(V1PodDisruptionBudget budget, V1PodDisruptionBudgetStatus status, CancellationToken cancellationToken)
    {
        if (ObjectCopy.SemanticallyEqual(budget.Status, status)) return;
        var changed = ObjectCopy.Deep(budget);
        changed.Status = status;
        // With the revision that was looked at: an eviction that was granted meanwhile must not be undone.
        await _client.UpdateAsync(changed, "status", cancellationToken);
    }

    private static bool Selects(V1PodDisruptionBudget budget, V1Pod? pod) => pod is not null && LabelSelectors.Matches(budget.Spec.Selector, pod.Metadata.Labels);
}
