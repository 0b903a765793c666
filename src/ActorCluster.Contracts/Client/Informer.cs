using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using k8s;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>
/// A cache of one resource that keeps itself up to date: lists, watches from there, lists anew when the history is gone, and keeps what it
/// has while the API server can't be reached. Reads are lock-free and in key order; the objects are shared, so treat them as read-only.
/// </summary>
/// <typeparam name="T">One of the official models.</typeparam>
public sealed class Informer<T> : IAsyncDisposable where T : class, IKubernetesObject<V1ObjectMeta>
{
    private const int ChunkSize = 500;
    private static readonly KubernetesType Type = KubernetesType.Of<T>();

    private readonly IApiClient _api;
    private readonly SimulationContext _simulation;
    private readonly string _namespace;
    private readonly string? _labelSelector;
    private readonly string? _fieldSelector;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ImmutableSortedDictionary<string, T> _cache = ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
    private Task? _loop;
    private string? _version;
    private long _revision;

    /// <param name="ns">"" for all namespaces, and for cluster-scoped resources.</param>
    public Informer(IApiClient api, SimulationContext simulation, string ns = "", string? labelSelector = null, string? fieldSelector = null)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        _api = api;
        _simulation = simulation;
        _namespace = ns;
        _labelSelector = labelSelector;
        _fieldSelector = fieldSelector;
        _backoff = new Backoff(simulation.Clock, simulation.Random.Child($"informer/{Type.Resource}/{ns}/{labelSelector}/{fieldSelector}"),
            TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
    }

    /// <summary>Its objects are nobody else's: for who hands them on to those who may change them. By default they may be those of another informer.</summary>
    public bool KeepsOwnObjects { get; init; }

    /// <summary>
    /// Old and new state of each object that changed (old null: it came; new null: it is gone), in order, one at a time, from the informer's
    /// own loop; the cache already shows the new state. Subscribe before <see cref="Start"/>. What a handler throws is reported to
    /// <see cref="SimulationContext.ReportFault"/>, and the other handlers are called all the same.
    /// </summary>
    public event Action<T?, T?>? Changed;

    /// <summary>As <see cref="Changed"/>, but before the cache shows the new state: for what is made of the cache and must not be older than it is.</summary>
    public event Action<T?, T?>? Changing;

    /// <summary>Done when the first list is in the cache and has been handed to <see cref="Changed"/>; cancelled if disposed before that.</summary>
    public Task Synced => _synced.Task;

    /// <summary>The resourceVersion of the list or of the change that is in the cache or on its way there; in a handler of <see cref="Changed"/>, that of the change. 0 before the first list.</summary>
    public long Revision => Volatile.Read(ref _revision);

    public void Start()
    {
        if (_loop is not null) throw new InvalidOperationException("The informer has been started before.");
        _loop = _simulation.Start(RunAsync);
    }

    /// <returns>Null if the cache has no such object.</returns>
    public T? Get(string ns, string name) => _cache.GetValueOrDefault(Key(ns, name));

    /// <summary>All objects as of now, in key order; a consistent view that costs nothing to take.</summary>
    public IReadOnlyCollection<T> List() => new View(_cache);

    /// <summary>Ends the loop; no handler is called afterwards. Not to be awaited by a handler.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelInOrderAsync();
        if (_loop is not null) await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var ct = _stop.Token;
        try
        {
            while (true)
            {
                await ListAndFollowAsync(ct);
                await _backoff.WaitAsync(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            _synced.TrySetCanceled(ct);
        }
    }

    private async Task ListAndFollowAsync(CancellationToken ct)
    {
        try
        {
            if (_version is null) await RelistAsync(ct);
            await FollowAsync(ct);
        }
        catch (ApiUnavailableException)
        {
            // Expected while the control plane restarts: the cache stays, and the watch goes on from where it was.
        }
        catch (ApiStatusException e) when (e.IsGone)
        {
            _version = null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            _simulation.ReportFault($"following {Type.Resource}", e);
            _version = null;
        }
    }

    private async Task RelistAsync(CancellationToken ct)
    {
        var fresh = ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
        string? version = null, next = null;
        do
        {
            var options = new ApiRequestOptions { LabelSelector = _labelSelector, FieldSelector = _fieldSelector, Limit = ChunkSize, Continue = next };
            var response = await _api.SendAsync(new ApiRequest(ApiVerb.List, Type.Resource, _namespace, Version: Type.Version, Options: options), ct);
            if (!response.IsSuccess) throw ApiStatusException.From(response.StatusCode, response.Body);
            var list = KubernetesDocument.ReadList<T>(response.Body, _simulation.ReportFault);
            foreach (var item in list.Items) fresh[Key(item)] = item;
            version = list.Metadata?.ResourceVersion;
            next = list.Metadata?.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(next));

        _version = version ?? throw new FormatException($"the list of {Type.Resource} has no resourceVersion");
        _backoff.Reset();
        var cache = fresh.ToImmutable();
        NoteRevision();
        List<(T? Before, T? After)> differences = [.. Differences(_cache, cache)];
        foreach (var (before, after) in differences) Raise(Changing, before, after);
        _cache = cache;
        foreach (var (before, after) in differences) Raise(Changed, before, after);
        _synced.TrySetResult();
    }

    private static IEnumerable<(T? Before, T? After)> Differences(ImmutableSortedDictionary<string, T> old, ImmutableSortedDictionary<string, T> fresh)
    {
        foreach (var (key, item) in fresh)
        {
            if (!old.TryGetValue(key, out var before))
            {
                yield return (null, item);
            }
            else if (before.Metadata.Uid != item.Metadata.Uid)
            {
                yield return (before, null);
                yield return (null, item);
            }
            else if (before.Metadata.ResourceVersion != item.Metadata.ResourceVersion)
            {
                yield return (before, item);
            }
        }

        foreach (var (key, before) in old)
            if (!fresh.ContainsKey(key)) yield return (before, null);
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        var request = new WatchRequest(Type.Resource, _namespace, _version, _labelSelector, _fieldSelector, AllowBookmarks: true, Version: Type.Version);
        // It goes on where the event was made, which in one process is where it belongs: each event is handled in the step in which it came.
        await foreach (var change in _api.WatchAsync(request, ct).WithCancellation(ct).ConfigureAwait(false))
        {
            if (change.Type == WatchEventType.Error) throw ApiStatusException.From(500, change.Object);
            if (change.Type == WatchEventType.Bookmark) OnBookmark(change.Object);
            else OnChange(change);
            _backoff.Reset();
        }
    }

    private void OnBookmark(ReadOnlyMemory<byte> bookmark)
    {
        // Only metadata.resourceVersion is set in a bookmark.
        using var document = JsonDocument.Parse(bookmark);
        _version = document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString();
    }

    private void OnChange(WatchEvent change)
    {
        T item;
        try
        {
            item = Read(change);
        }
        catch (JsonException e)
        {
            _simulation.ReportFault($"reading a changed {Type.Kind}, left out", e);
            OnBookmark(change.Object);
            return;
        }

        var key = Key(item);
        var before = _cache.GetValueOrDefault(key);
        _version = item.Metadata.ResourceVersion;
        NoteRevision();
        var deleted = change.Type == WatchEventType.Deleted;
        if (deleted) before ??= item;
        var after = deleted ? null : item;
        Raise(Changing, before, after);
        _cache = deleted ? _cache.Remove(key) : _cache.SetItem(key, item);
        Raise(Changed, before, after);
    }

    private T Read(WatchEvent change)
    {
        if (KeepsOwnObjects) return KubernetesDocument.Read<T>(change.Object);
        return change.Renewed is { Key: var key } renewed && _cache.TryGetValue(Key(key.Namespace, key.Name), out var known)
            ? KubernetesDocument.ReadShared(change.Object, known, renewed)
            : KubernetesDocument.ReadShared<T>(change.Object);
    }

    private void NoteRevision()
    {
        if (long.TryParse(_version, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)) Volatile.Write(ref _revision, revision);
    }

    private void Raise(Action<T?, T?>? changed, T? before, T? after)
    {
        if (changed is null || _stop.IsCancellationRequested) return;
        foreach (var handler in Delegate.EnumerateInvocationList(changed))
        {
            try
            {
                handler(before, after);
            }
            catch (Exception e)
            {
                _simulation.ReportFault($"handling a change of {Type.Resource} {Key((after ?? before)!)}", e);
            }
        }
    }

    private static string Key(T item) => Key(item.Metadata.NamespaceProperty, item.Metadata.Name);

    private static string Key(string? ns, string name) => string.IsNullOrEmpty(ns) ? name : $"{ns}/{name}";

    private sealed class View(ImmutableSortedDictionary<string, T> objects) : IReadOnlyCollection<T>
    {
        public int Count => objects.Count;

        public IEnumerator<T> GetEnumerator()
        {
            foreach (var (_, item) in objects) yield return item;
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
