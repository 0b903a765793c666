using System.Collections.Concurrent;
using System.Globalization;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Controllers.Metadata;

/// <summary>Follows the metadata of all objects of one resource: lists, watches, lists anew when the history is gone.</summary>
internal sealed class MetadataInformer : IAsyncDisposable
{
    private const int ChunkSize = 500;

    private readonly IApiClient _api;
    private readonly MetadataClient _client;
    private readonly SimulationContext _simulation;
    private readonly Action<ObjectMetadata?, ObjectMetadata?> _changed;
    private readonly Func<MetadataInformer, bool> _mayEnd;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<(string Namespace, string Name), ObjectMetadata> _cache = new();
    private Task? _loop;
    private string? _version;

    /// <param name="changed">Called in order, one at a time, with what was and what is.</param>
    /// <param name="mayEnd">Asked when the resource isn't served any longer.</param>
    public MetadataInformer(
        IApiClient api, MetadataClient client, SimulationContext simulation, ResourceName resource, Action<ObjectMetadata?, ObjectMetadata?> changed,
        Func<MetadataInformer, bool> mayEnd)
    {
        (_api, _client, _simulation, Resource, _changed, _mayEnd) = (api, client, simulation, resource, changed, mayEnd);
        _backoff = new Backoff(
            simulation.Clock, simulation.Random.Child($"metadata/{resource}"), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));
    }

    public ResourceName Resource { get; }

    public Task Synced => _synced.Task;

    public void Start() => _loop = _simulation.Start(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelInOrderAsync();
        if (_loop is not null) await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await ListAndFollowAsync())
            {
                await _backoff.WaitAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _synced.TrySetCanceled(_stop.Token);
        }
    }

    /// <returns>Whether to go on.</returns>
    private async Task<bool> ListAndFollowAsync()
    {
        try
        {
            if (_version is null) await RelistAsync();
            await FollowAsync();
        }
        catch (ApiUnavailableException)
        {
            // Expected while the API server restarts: what is known stays, and the watch goes on from where it was.
        }
        catch (ApiStatusException gone) when (gone.IsGone)
        {
            _version = null;
        }
        catch (ApiStatusException notServed) when (notServed.Code is 404 or 405)
        {
            // A resource that is not served (any longer) has no objects; it may come back.
            foreach (var item in _cache.Values) Remove(item);
            _version = null;
            _synced.TrySetResult();
            return !_mayEnd(this);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _simulation.ReportFault($"following the metadata of {Resource}", failure);
            _version = null;
        }
        return true;
    }

    private async Task RelistAsync()
    {
        Dictionary<(string, string), ObjectMetadata> fresh = [];
        string? next = null, version = null;
        do
        {
            var page = await _client.ListAsync(Resource, "", ChunkSize, next, _stop.Token);
            foreach (var item in page.Items) fresh[(item.Key.Namespace, item.Key.Name)] = item;
            (next, version) = (page.Continue, page.ResourceVersion);
        }
        while (!string.IsNullOrEmpty(next));

        foreach (var (name, known) in _cache)
        {
            if (!fresh.TryGetValue(name, out var now) || now.Uid != known.Uid) Remove(known);
        }

        foreach (var item in fresh.Values.OrderBy(item => item.Key)) Set(item);
        _version = version;
        _backoff.Reset();
        _synced.TrySetResult();
    }

    private async Task FollowAsync()
    {
        var request = new WatchRequest(Resource, ResourceVersion: _version, AllowBookmarks: true);
        // It goes on where the event was made, which in one process is where it belongs.
        await foreach (var change in _api.WatchAsync(request, _stop.Token).WithCancellation(_stop.Token).ConfigureAwait(false))
        {
            if (change.Type == WatchEventType.Error) throw ApiStatusException.From(500, change.Object);
            var item = Renewed(change.Renewed) ?? ObjectMetadata.Read(Resource, change.Object);
            if (change.Type == WatchEventType.Deleted) Remove(item);
            else if (change.Type != WatchEventType.Bookmark) Set(item);
            _version = item.ResourceVersion;
            _backoff.Reset();
        }
    }

    /// <returns>What is known of an object that has nothing new but times, at its revision; null: it must be read.</returns>
    private ObjectMetadata? Renewed(StoreChange? renewal)
    {
        if (renewal is not { Previous: { } previous, Current: { } current } || !_cache.TryGetValue((current.Key.Namespace, current.Key.Name), out var known)) return null;
        return RevisionText.Is(known.ResourceVersion, previous.Revision) ? known with { ResourceVersion = current.Revision.ToString(CultureInfo.InvariantCulture) } : null;
    }

    private void Set(ObjectMetadata item)
    {
        var name = (item.Key.Namespace, item.Key.Name);
        var before = _cache.GetValueOrDefault(name);
        if (before?.ResourceVersion == item.ResourceVersion) return;
        _cache[name] = item;
        _changed(before, item);
    }

    private void Remove(ObjectMetadata item)
    {
        if (_cache.TryRemove((item.Key.Namespace, item.Key.Name), out var before)) _changed(before, null);
    }
}
