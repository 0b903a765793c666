using System.Collections.Concurrent;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Nodes.Configuration;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <summary>
/// The nodes, and the Services, ConfigMaps and Secrets that pods of this process refer to, kept up to date by one watch each for all its nodes; ConfigMaps
/// and Secrets are watched from the first pod on that needs one. So are volumes, for what is to be done when one is gone.
/// </summary>
internal sealed class ClusterObjects : IPodObjects, IAsyncDisposable
{
    private readonly Informer<V1Node> _nodes;
    private readonly Informer<V1Service> _services;
    private readonly Lazy<Informer<V1ConfigMap>> _configMaps;
    private readonly Lazy<Informer<V1Secret>> _secrets;
    private readonly Lazy<Informer<V1PersistentVolume>> _volumes;

    // Swapped, not cleared: what was computed from the services before a change then ends up in a dictionary that nobody reads any more.
    private volatile ConcurrentDictionary<(string, bool), IReadOnlyDictionary<string, string>> _variables = new();

    /// <param name="changed">Told of each ConfigMap and Secret that changed.</param>
    /// <param name="volumeGone">Told of each volume that is no more.</param>
    /// <param name="nodeChanged">Told of each node that came or changed.</param>
    public ClusterObjects(IApiClient api, SimulationContext simulation, Action<ReferencedObject> changed, Action<V1PersistentVolume> volumeGone, Action<V1Node> nodeChanged)
    {
        _nodes = new Informer<V1Node>(api, simulation);
        _nodes.Changed += (_, now) =>
        {
            if (now is not null) nodeChanged(now);
        };
        _nodes.Start();
        _services = new Informer<V1Service>(api, simulation);
        _services.Changed += (_, _) => _variables = new();
        _services.Start();
        _configMaps = new(() =>
        {
            var informer = new Informer<V1ConfigMap>(api, simulation);
            informer.Changed += (old, now) => changed(new(ReferencedKind.ConfigMap, (now ?? old)!.Metadata.NamespaceProperty, (now ?? old)!.Metadata.Name));
            informer.Start();
            return informer;
        });
        _volumes = new(() =>
        {
            var informer = new Informer<V1PersistentVolume>(api, simulation);
            informer.Changed += (old, now) =>
            {
                if (old is not null && old.Metadata.Uid != now?.Metadata.Uid) volumeGone(old);
            };
            informer.Start();
            return informer;
        });
        _secrets = new(() =>
        {
            var informer = new Informer<V1Secret>(api, simulation);
            informer.Changed += (old, now) => changed(new(ReferencedKind.Secret, (now ?? old)!.Metadata.NamespaceProperty, (now ?? old)!.Metadata.Name));
            informer.Start();
            return informer;
        });
    }

    /// <summary>Done when everything that the pod refers to can be looked up.</summary>
    public Task ReadyForAsync(PodReferences references)
    {
        var services = _services.Synced;
        var maps = references.ConfigMaps.Count > 0 ? _configMaps.Value.Synced : Task.CompletedTask;
        var secrets = references.Secrets.Count > 0 ? _secrets.Value.Synced : Task.CompletedTask;
        // Watched before the first folder is made, so that none is left behind.
        var volumes = references.HasClaims ? _volumes.Value.Synced : Task.CompletedTask;
        return services.IsCompletedSuccessfully && maps.IsCompletedSuccessfully && secrets.IsCompletedSuccessfully && volumes.IsCompletedSuccessfully
            ? Task.CompletedTask : TaskOrder.AllInOrderAsync(services, maps, secrets, volumes);
    }

    /// <summary>Watches volumes from now on, whether a pod has one or not: where earlier ones left something.</summary>
    public void WatchVolumes() => _ = _volumes.Value;

    /// <summary>As the API had it not long ago.</summary>
    public V1Node? Node(string name) => _nodes.Get("", name);

    public V1ConfigMap? ConfigMap(string ns, string name) => _configMaps.Value.Get(ns, name);

    public V1Secret? Secret(string ns, string name) => _secrets.Value.Get(ns, name);

    public IReadOnlyDictionary<string, string> ServiceVariables(string ns, bool enableServiceLinks) =>
        _variables.GetOrAdd((ns, enableServiceLinks), static (key, services) => ServiceEnvironment.For(key.Item1, key.Item2, services.List()), _services);

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _services.DisposeAsync();
        if (_configMaps.IsValueCreated) await _configMaps.Value.DisposeAsync();
        if (_secrets.IsValueCreated) await _secrets.Value.DisposeAsync();
        if (_volumes.IsValueCreated) await _volumes.Value.DisposeAsync();
    }
}
