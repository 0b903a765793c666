using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Services;
using k8s.Models;

namespace ActorCluster.Controllers.EndpointSlices;

/// <summary>Keeps the EndpointSlices of services with a selector (pkg/controller/endpointslice). Keys are "ns/name" of services.</summary>
internal sealed class EndpointSliceReconciler : IReconciler
{
    /// <summary>A node that is not known yet comes with the node informer; it has no way back to the services.</summary>
    private static readonly TimeSpan MissingNodeRetry = TimeSpan.FromSeconds(1);

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1Service> _services;
    private readonly Informer<V1EndpointSlice> _slices;
    private readonly InformerIndex<V1EndpointSlice> _slicesByService;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1Node> _nodes;
    private readonly ServicePodIndex _index;
    private readonly CacheLag _lag;

    public EndpointSliceReconciler(ControllerServices services)
    {
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _index = new ServicePodIndex(services.Informers);
        _slicesByService = services.Informers.Index<V1EndpointSlice>("service", static slice => ServiceOf(slice) is { } key ? [key] : []);
        _services = services.Informers.Of<V1Service>();
        _slices = services.Informers.Of<V1EndpointSlice>();
        _pods = services.Informers.Of<V1Pod>();
        _nodes = services.Informers.Of<V1Node>();
        _lag = new CacheLag(services.Clock);
    }

    public string Name => "endpointslice-controller";

    public void Attach(IReconcileQueue queue)
    {
        _services.Changed += (before, after) => queue.Add(ObjectNames.Join((after ?? before!).Metadata.NamespaceProperty, (after ?? before!).Metadata.Name));
        _pods.Changed += (before, after) => _index.EnqueueServicesOf(before, after, queue);
        _nodes.Changed += (before, after) =>
        {
            if (!TopologyHints.Concern(before, after)) return;
            foreach (var service in _services.List().Where(TopologyHints.AskedForBy)) queue.Add(ObjectNames.Join(service.Metadata.NamespaceProperty, service.Metadata.Name));
        };
        _slices.Changed += (before, after) =>
        {
            // Someone else's change of our slices is undone; our own wakes a key that waits for the cache.
            if ((after ?? before) is { } slice && ServiceOf(slice) is { } key) queue.Add(key);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        // The slices of a deleted service go by garbage collection; those of one without selector belong to its user.
        if (_services.Get(ns, name) is not { } service || service.Metadata.DeletionTimestamp is not null || !ServicePods.HasManagedEndpoints(service))
        {
            _lag.Forget(key);
            return ReconcileResult.Done;
        }

        if (_lag.Behind(key, slice => _slices.Get(ns, slice)?.Metadata.ResourceVersion)) return ReconcileResult.After(CacheLag.Patience);
        var existing = _slicesByService.Get(key).Where(slice => slice.Metadata.DeletionTimestamp is null).ToList();
        var plan = EndpointSlicePlan.Of(service, _index.PodsOf(service), existing, node => _nodes.Get("", node), _nodes.List());
        foreach (var note in plan.Notes) _events.Record(service, note.Type, note.Reason, note.Message);
        try
        {
            await CarryOutAsync(key, plan, cancellationToken);
        }
        catch (ApiStatusException refused) when (NamespaceTermination.IsCauseOf(refused))
        {
            return ReconcileResult.Done;
        }
        catch (ApiStatusException refused) when (refused.Code != 409)
        {
            _events.Record(service, "Warning", "FailedToUpdateEndpointSlices", $"Error updating Endpoint Slices for Service {key}: {refused.Message}");
            throw;
        }

        return plan.MissingNodes ? ReconcileResult.After(MissingNodeRetry) : ReconcileResult.Done;
    }

    private async Task CarryOutAsync(string key, EndpointSlicePlan plan, CancellationToken cancellationToken)
    {
        foreach (var slice in plan.Create) Note(await _client.CreateAsync(slice, cancellationToken));
        foreach (var slice in plan.Update) Note(await _client.UpdateAsync(slice, ct: cancellationToken));
        foreach (var slice in plan.Delete)
        {
            var options = new DeleteOptions(PreconditionUid: slice.Metadata.Uid);
            await _client.DeleteAsync<V1EndpointSlice>(slice.Metadata.NamespaceProperty, slice.Metadata.Name, options, cancellationToken);
        }

        void Note(V1EndpointSlice written) => _lag.Wrote(key, written.Metadata.Name, written.Metadata.ResourceVersion);
    }

    private static string? ServiceOf(V1EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels
        && labels.TryGetValue(EndpointSlicePlan.ManagedByLabel, out var manager) && manager == EndpointSlicePlan.ManagedBy
        && labels.TryGetValue(EndpointSlicePlan.ServiceNameLabel, out var service)
            ? ObjectNames.Join(slice.Metadata.NamespaceProperty, service)
            : null;
}
