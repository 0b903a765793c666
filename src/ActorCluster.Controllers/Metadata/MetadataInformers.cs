using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;

namespace ActorCluster.Controllers.Metadata;

/// <summary>The metadata of every object of the cluster, for those controllers that deal with all kinds.</summary>
internal sealed class MetadataInformers : IAsyncDisposable
{
    private readonly List<MetadataInformer> _informers;

    public MetadataInformers(IApiClient api, SimulationContext simulation, IEnumerable<ResourceName> resources)
    {
        var client = new MetadataClient(api, "system:serviceaccount:kube-system:generic-garbage-collector");
        _informers = [.. resources.Distinct().Order().Select(resource =>
            new MetadataInformer(api, client, simulation, resource, (before, after) => Changed?.Invoke(before, after)))];
    }

    /// <summary>What was and what is. In order for one resource; of several resources at the same time.</summary>
    public event Action<ObjectMetadata?, ObjectMetadata?>? Changed;

    public void Start()
    {
        foreach (var informer in _informers) informer.Start();
    }

    public Task SyncedAsync() => TaskOrder.AllInOrderAsync(_informers.Select(informer => informer.Synced));

    /// <summary>The resource of a kind; null if nothing of that kind is known.</summary>
    public ResourceName? ResourceOf(string group, string kind) =>
        _informers.Find(informer => informer.Resource.Group == group && informer.Kind == kind)?.Resource;

    public async ValueTask DisposeAsync()
    {
        foreach (var informer in _informers) await informer.DisposeAsync();
    }
}
