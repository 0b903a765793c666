using ActorCluster.Api;
using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;

namespace ActorCluster.Controllers.Metadata;

/// <summary>The metadata of every object of the cluster, for those controllers that deal with all kinds. Kinds that come and go while it runs are followed.</summary>
internal sealed class MetadataInformers : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly IApiClient _api;
    private readonly MetadataClient _client;
    private readonly SimulationContext _simulation;
    private readonly ResourceRegistry _registry;
    private readonly SortedDictionary<ResourceName, MetadataInformer> _informers = [];
    private readonly List<MetadataInformer> _ended = [];
    private bool _started;
    private bool _closed;

    public MetadataInformers(IApiClient api, SimulationContext simulation, ResourceRegistry registry)
    {
        (_api, _simulation, _registry) = (api, simulation, registry);
        _client = new MetadataClient(api, "system:serviceaccount:kube-system:generic-garbage-collector");
    }

    /// <summary>What was and what is. In order for one resource; of several resources at the same time.</summary>
    public event Action<ObjectMetadata?, ObjectMetadata?>? Changed;

    public void Start()
    {
        _started = true;
        _registry.Changed += Follow;
        Follow();
    }

    /// <summary>Completes when all that was served at the start has been listed.</summary>
    public Task SyncedAsync()
    {
        lock (_lock) return TaskOrder.AllInOrderAsync(_informers.Values.Select(informer => informer.Synced).ToList());
    }

    /// <summary>The resource of a kind; null if nothing of that kind is known.</summary>
    public ResourceName? ResourceOf(string group, string kind) => _registry.Stored.FirstOrDefault(definition => definition.Name.Group == group && definition.Kind == kind)?.Name;

    public async ValueTask DisposeAsync()
    {
        List<MetadataInformer> informers;
        lock (_lock)
        {
            _closed = true;
            informers = [.. _informers.Values, .. _ended];
        }
        if (_started) _registry.Changed -= Follow;
        foreach (var informer in informers) await informer.DisposeAsync();
    }

    private void Follow()
    {
        lock (_lock)
        {
            if (_closed) return;
            foreach (var resource in _registry.Stored.Select(definition => definition.Name).Where(name => !_informers.ContainsKey(name)).ToList())
            {
                var informer = new MetadataInformer(_api, _client, _simulation, resource, (before, after) => Changed?.Invoke(before, after), MayEnd);
                _informers.Add(resource, informer);
                informer.Start();
            }
        }
    }

    /// <summary>Whether an informer of a resource that isn't served may end: then another one is made when it is served again.</summary>
    private bool MayEnd(MetadataInformer informer)
    {
        lock (_lock)
        {
            if (_registry.Find(informer.Resource) is not null) return false;
            if (_informers.Remove(informer.Resource)) _ended.Add(informer);
            return true;
        }
    }
}
