using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Reconciling;

/// <summary>
/// One informer, and so one list, one watch and one cache, per resource type for all controllers of the process. Ask for informers and
/// indexes while attaching; then <see cref="Start"/> starts them all. Objects in the caches are shared: never change them.
/// </summary>
internal sealed class SharedInformers(IApiClient api, SimulationContext simulation) : IAsyncDisposable
{
    private readonly Dictionary<Type, Entry> _informers = [];
    private readonly Dictionary<(Type, string), object> _indexes = [];

    public Informer<T> Of<T>() where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (_informers.TryGetValue(typeof(T), out var entry)) return (Informer<T>)entry.Informer;
        var informer = new Informer<T>(api, simulation);
        _informers.Add(typeof(T), new Entry(informer, informer.Start, () => informer.Synced));
        return informer;
    }

    /// <summary>A second way into the cache of a type. The same name gives the same index; <paramref name="keys"/> must then be the same, too.</summary>
    /// <remarks>Handlers of <c>Changed</c> find in it what the cache shows, whichever came first.</remarks>
    public InformerIndex<T> Index<T>(string name, Func<T, IEnumerable<string>> keys) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (_indexes.TryGetValue((typeof(T), name), out var existing)) return (InformerIndex<T>)existing;
        var index = new InformerIndex<T>(Of<T>(), keys);
        _indexes.Add((typeof(T), name), index);
        return index;
    }

    public void Start()
    {
        foreach (var entry in _informers.Values) entry.Start();
    }

    /// <summary>Completes when every cache holds its first list.</summary>
    public Task SyncedAsync() => TaskOrder.AllInOrderAsync(_informers.Values.Select(entry => entry.Synced()));

    public async ValueTask DisposeAsync()
    {
        foreach (var entry in _informers.Values) await entry.Informer.DisposeAsync();
    }

    private sealed record Entry(IAsyncDisposable Informer, Action Start, Func<Task> Synced);
}
