using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Services;
using k8s.Models;

namespace ActorCluster.Controllers.Endpoints;

/// <summary>Keeps the Endpoints of services with a selector, for clients that don't know EndpointSlices (pkg/controller/endpoint). Keys are
/// "ns/name" of services.</summary>
internal sealed class EndpointsReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly Informer<V1Service> _services;
    private readonly Informer<V1Endpoints> _endpoints;
    private readonly Informer<V1Pod> _pods;
    private readonly ServicePodIndex _index;
    private readonly CacheLag _lag;

    public EndpointsReconciler(ControllerServices services)
    {
        _client = services.ClientFor(Name);
        _index = new ServicePodIndex(services.Informers);
        _services = services.Informers.Of<V1Service>();
        _endpoints = services.Informers.Of<V1Endpoints>();
        _pods = services.Informers.Of<V1Pod>();
        _lag = new CacheLag(services.Clock);
    }

    public string Name => "endpoint-controller";

    public void Attach(IReconcileQueue queue)
    {
        _services.Changed += (before, after) => queue.Add(ObjectNames.Join((after ?? before!).Metadata.NamespaceProperty, (after ?? before!).Metadata.Name));
        _pods.Changed += (before, after) => _index.EnqueueServicesOf(before, after, queue);
        _endpoints.Changed += (before, after) => queue.Add(ObjectNames.Join((after ?? before!).Metadata.NamespaceProperty, (after ?? before!).Metadata.Name));
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        var present = _endpoints.Get(ns, name);
        if (_services.Get(ns, name) is not { } service)
        {
            _lag.Forget(key);
            // Endpoints have no owner; those that we made go with the service, those of others stay.
            if (present?.Metadata.Labels is { } labels && labels.TryGetValue(EndpointsPlan.ManagedByLabel, out var manager) && manager == EndpointsPlan.ManagedBy)
                await _client.DeleteAsync<V1Endpoints>(ns, name, new DeleteOptions(PreconditionUid: present.Metadata.Uid), cancellationToken);
            return ReconcileResult.Done;
        }

        if (service.Metadata.DeletionTimestamp is not null || !ServicePods.HasManagedEndpoints(service)) return ReconcileResult.Done;
        if (_lag.Behind(key, _ => present?.Metadata.ResourceVersion)) return ReconcileResult.After(CacheLag.Patience);
        if (EndpointsPlan.Of(service, _index.PodsOf(service), present) is not { } wanted) return ReconcileResult.Done;
        try
        {
            var written = present is null ? await _client.CreateAsync(wanted, cancellationToken) : await _client.UpdateAsync(wanted, ct: cancellationToken);
            _lag.Wrote(key, key, written.Metadata.ResourceVersion);
        }
        catch (ApiStatusException refused) when (NamespaceTermination.IsCauseOf(refused))
        {
            return ReconcileResult.Done;
        }

        return ReconcileResult.Done;
    }
}
