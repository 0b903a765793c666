using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.EndpointSlices;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.EndpointSliceMirroring;

/// <summary>Mirrors custom Endpoints, those of services without selector, to EndpointSlices, which is what the data path reads. Keys are "ns/name" of Endpoints.</summary>
internal sealed class EndpointSliceMirroringReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1Service> _services;
    private readonly Informer<V1Endpoints> _endpoints;
    private readonly Informer<V1EndpointSlice> _slices;
    private readonly InformerIndex<V1EndpointSlice> _mirrors;
    private readonly CacheLag _lag;

    public EndpointSliceMirroringReconciler(ControllerServices services)
    {
        _client = services.ClientFor(Name);
        _events = services.EventsFor(_client, Name);
        _mirrors = services.Informers.Index<V1EndpointSlice>("mirror", static slice => EndpointsOf(slice) is { } key ? [key] : []);
        _services = services.Informers.Of<V1Service>();
        _endpoints = services.Informers.Of<V1Endpoints>();
        _slices = services.Informers.Of<V1EndpointSlice>();
        _lag = new CacheLag(services.Clock);
    }

    public string Name => "endpointslicemirroring-controller";

    public void Attach(IReconcileQueue queue)
    {
        _services.Changed += (before, after) => queue.Add(ObjectNames.Join((after ?? before!).Metadata.NamespaceProperty, (after ?? before!).Metadata.Name));
        _endpoints.Changed += (before, after) => queue.Add(ObjectNames.Join((after ?? before!).Metadata.NamespaceProperty, (after ?? before!).Metadata.Name));
        _slices.Changed += (before, after) =>
        {
            // Someone else's change of a mirror is undone; our own wakes a key that waits for the cache.
            if ((after ?? before) is { } slice && EndpointsOf(slice) is { } key) queue.Add(key);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_lag.Behind(key, slice => _slices.Get(ns, slice)?.Metadata.ResourceVersion)) return ReconcileResult.After(CacheLag.Patience);
        var existing = _mirrors.Get(key).Where(slice => slice.Metadata.DeletionTimestamp is null).ToList();
        if (_endpoints.Get(ns, name) is not { } endpoints || !MirrorPlan.Wants(endpoints, _services.Get(ns, name)))
        {
            await DeleteAsync(existing, cancellationToken);
            return ReconcileResult.Done;
        }

        var plan = MirrorPlan.Of(endpoints, existing);
        try
        {
            foreach (var slice in plan.Create) Note(await _client.CreateAsync(slice, cancellationToken));
            foreach (var slice in plan.Update) Note(await _client.UpdateAsync(slice, ct: cancellationToken));
        }
        catch (ApiStatusException refused) when (NamespaceTermination.IsCauseOf(refused))
        {
            return ReconcileResult.Done;
        }
        await DeleteAsync(plan.Delete, cancellationToken);
        if (plan.Create.Count + plan.Update.Count == 0) return ReconcileResult.Done;
        if (plan.Invalid > 0) _events.Record(endpoints, "Warning", "InvalidIPAddress", $"Skipped {plan.Invalid} invalid IP addresses when mirroring to EndpointSlices");
        if (plan.Skipped > 0)
        {
            _events.Record(endpoints, "Warning", "TooManyAddressesToMirror",
                $"A max of {MirrorPlan.MaxEndpoints} addresses can be mirrored to EndpointSlices per Endpoints subset. {plan.Skipped} addresses were skipped");
        }
        return ReconcileResult.Done;

        void Note(V1EndpointSlice written) => _lag.Wrote(key, written.Metadata.Name, written.Metadata.ResourceVersion);
    }

    private async Task DeleteAsync(IEnumerable<V1EndpointSlice> slices, CancellationToken cancellationToken)
    {
        foreach (var slice in slices)
            await _client.DeleteAsync<V1EndpointSlice>(slice.Metadata.NamespaceProperty, slice.Metadata.Name, new DeleteOptions(PreconditionUid: slice.Metadata.Uid), cancellationToken);
    }

    private static string? EndpointsOf(V1EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels
        && labels.TryGetValue(EndpointSlicePlan.ManagedByLabel, out var manager) && manager == MirrorPlan.ManagedBy
        && labels.TryGetValue(EndpointSlicePlan.ServiceNameLabel, out var service)
            ? ObjectNames.Join(slice.Metadata.NamespaceProperty, service)
            : null;
}
