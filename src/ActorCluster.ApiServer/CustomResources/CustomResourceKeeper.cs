using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.CustomResources;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.CustomResources;

/// <summary>
/// Follows the custom resource definitions: gives them their names, serves their resources, says in their status that it does, and deletes the objects of those that are
/// deleted (the controllers of apiextensions-apiserver).
/// </summary>
public sealed class CustomResourceKeeper : IAsyncDisposable
{
    private static readonly ApiRequestOptions Options = new() { User = "system:apiserver", FieldManager = "kube-apiserver" };

    private readonly ApiPipeline _api;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, (long Revision, JsonObject Crd)> _known = [];
    private readonly Dictionary<string, Task> _cleanups = [];
    private readonly Task _running;

    private CustomResourceKeeper(ApiPipeline api, SimulationContext simulation)
    {
        (_api, _simulation) = (api, simulation);
        _running = simulation.Start(RunAsync);
    }

    public static CustomResourceKeeper Start(ApiPipeline api, SimulationContext simulation) => new(api, simulation);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelInOrderAsync();
        await _running;
        foreach (var cleanup in _cleanups.Values) await cleanup;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var snapshot = _api.Store.Snapshot;
                await LookAsync(snapshot);
                await AwaitChangeAsync(CustomResourceRegistrar.Definitions, snapshot.Revision);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task AwaitChangeAsync(Api.ResourceName resource, long since)
    {
        try
        {
            using var watch = _api.Store.Watch(resource, null, since);
            await watch.ReadAsync(_stopping.Token);
        }
        catch (RevisionCompactedException)
        {
            // So much has changed that another look is due anyway.
        }
    }

    private async Task LookAsync(IStoreSnapshot snapshot)
    {
        var names = new HashSet<string>();
        foreach (var stored in snapshot.List(CustomResourceRegistrar.Definitions))
        {
            names.Add(stored.Key.Name);
            if (_known.TryGetValue(stored.Key.Name, out var known) && known.Revision == stored.Revision) continue;
            _known[stored.Key.Name] = (stored.Revision, ObjectEncoder.Decode(stored));
        }
        foreach (var gone in _known.Keys.Where(name => !names.Contains(name)).ToList()) _known.Remove(gone);
        _api.CustomResources.Keep(names);
        foreach (var name in names.Order(StringComparer.Ordinal)) await BringUpToDateAsync(name);
    }

    private async Task BringUpToDateAsync(string name)
    {
        var (revision, crd) = _known[name];
        var updated = (JsonObject)crd.DeepClone();
        var others = _known.Where(o => o.Key != name && o.Value.Crd.TextAt("spec", "group") == crd.TextAt("spec", "group")).OrderBy(o => o.Key, StringComparer.Ordinal)
            .Select(o => o.Value.Crd.At("status", "acceptedNames")).OfType<JsonObject>();
        var isChanged = DefinitionNames.Update(updated, others, Now);
        // Served before it says so: who reads that it is established finds it.
        if (DefinitionConditions.IsTrue(updated, "Established")) _api.CustomResources.Register(updated);
        if (isChanged)
        {
            _known[name] = (revision, updated);
            await WriteAsync(updated, "status");
        }
        if (!ObjectMetadata.Of(crd).IsDeleting || !ObjectMetadata.Of(crd).Finalizers.Contains(DefinitionConditions.CleanupFinalizer)) return;
        if (!_cleanups.TryGetValue(name, out var cleanup) || cleanup.IsCompleted) _cleanups[name] = _simulation.Start(() => CleanAsync(name, updated));
    }

    /// <summary>Deletes all objects of a deleted definition, waits until they are gone, and lets the definition go.</summary>
    private async Task CleanAsync(string name, JsonObject crd)
    {
        try
        {
            if (!_api.CustomResources.IsBuiltIn(crd) && CustomResourceFactory.Create(crd, servedOnly: false) is { } definition)
            {
                while (true)
                {
                    var snapshot = _api.Store.Snapshot;
                    if (snapshot.Count(definition.Storage) == 0) break;
                    foreach (var stored in snapshot.List(definition.Storage).Where(s => !s.Header.Deleting)) await DeleteAsync(definition, stored);
                    await AwaitChangeAsync(definition.Storage, snapshot.Revision);
                }
            }
            await LetGoAsync(name);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task DeleteAsync(ResourceDefinition definition, StoredObject stored)
    {
        var request = new ApiRequest(ApiVerb.Delete, definition.Name, stored.Key.Namespace, stored.Key.Name, Options: Options);
        try
        {
            await _api.SendAsync(new RequestScope(request, definition, definition.Preferred), _stopping.Token);
        }
        catch (Api.Errors.StatusException gone) when (gone.Code == 404)
        {
            // Somebody else was faster.
        }
    }

    private async Task LetGoAsync(string name)
    {
        while (true)
        {
            var response = await _api.SendAsync(new ApiRequest(ApiVerb.Get, CustomResourceRegistrar.Definitions, "", name, Options: Options), _stopping.Token);
            if (!response.IsSuccess) return;
            var crd = (JsonObject)JsonNode.Parse(response.Body.Span)!;
            var metadata = ObjectMetadata.Of(crd);
            if (!metadata.IsDeleting || !metadata.Finalizers.Contains(DefinitionConditions.CleanupFinalizer)) return;
            metadata.SetFinalizers(metadata.Finalizers.Where(f => f != DefinitionConditions.CleanupFinalizer).ToList());
            if ((await WriteAsync(crd, "")).StatusCode != 409) return;
        }
    }

    private async Task<ApiResponse> WriteAsync(JsonObject crd, string subresource)
    {
        var response = await _api.SendAsync(
            new ApiRequest(ApiVerb.Update, CustomResourceRegistrar.Definitions, "", ObjectMetadata.Of(crd).Name, subresource, Body: JsonSerializer.SerializeToUtf8Bytes<JsonNode>(crd, JsonDocuments.CompactJson), Options: Options),
            _stopping.Token);
        // Changed or deleted meanwhile, it is looked at again.
        if (response is { IsSuccess: false, StatusCode: not (404 or 409) })
            _simulation.ReportFault("keeping the custom resource definitions", new InvalidOperationException(System.Text.Encoding.UTF8.GetString(response.Body.Span)));
        return response;
    }

    private string Now => ObjectMetadata.FormatTime(_simulation.Clock.GetUtcNow());
}
