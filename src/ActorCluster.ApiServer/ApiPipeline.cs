using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Admission;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Components;
using ActorCluster.ApiServer.CustomResources;
using ActorCluster.ApiServer.Metrics;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.ApiServer.Subresources;
using ActorCluster.ApiServer.Watching;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer;

/// <summary>
/// The API itself, without HTTP: every request of every client goes through here into the one store. Reads answer from a
/// snapshot; writes default, admit, validate and commit. Safe for concurrent use; the only writer of its store.
/// </summary>
public sealed class ApiPipeline : IApiClient
{
    private readonly Dictionary<string, ISubresource> _subresources;
    private readonly ObjectReader _reader;
    private readonly ObjectWriter _writer;
    private readonly ObjectUpdater _updater;
    private readonly ObjectDeleter _deleter;
    private readonly WatchSource _watches;

    /// <param name="tokenKey">Signs the tokens of service accounts; null: one that only this pipeline knows.</param>
    public ApiPipeline(IObjectStore store, ResourceRegistry registry, SimulationContext simulation, ClusterTimings timings, ServiceAccountKey? tokenKey = null)
    {
        Registry = registry;
        Store = store;
        Simulation = simulation;
        Tokens = new ServiceAccountTokens(tokenKey ?? ServiceAccountKey.CreateInMemory(), store, simulation);
        IAdmission[] admissions =
        [
            new NamespaceLifecycle(),
            new LimitRangeAdmission(),
            new ServiceAccountAdmission(simulation.Random.Child("service-account-volumes")),
            new DefaultTolerations(timings),
            new PriorityAdmission(),
            new RuntimeClassAdmission(),
            new DefaultIngressClass(),
            new CertificateRequester(),
            new DefaultStorageClass(),
            new StorageProtection(),
            new ClusterIpAllocation(registry, ServiceFamilies.DualStack, simulation),
            new NodePortAllocation(store, simulation.Random.Child("node-ports")),
        ];
        IAdmission[] validations =
        [
            new ClaimGrowth(),
            new PodResizeAdmission(),
            new ResourceQuotaAdmission(registry, simulation),
        ];
        Components = new ComponentHealth(store);
        var usage = new EmulatedUsage(simulation.Clock);
        _reader = new ObjectReader(store, resource => resource == ComponentStatusResource.Definition.Name ? Components : usage, new PagedStates(simulation.Clock));
        _writer = new ObjectWriter(store, registry, admissions, validations, simulation);
        _updater = new ObjectUpdater(store, _writer);
        _deleter = new ObjectDeleter(store, _writer);
        _watches = new WatchSource(store, simulation);
        ISubresource[] subresources =
        [
            new StatusSubresource(_reader, _updater),
            new ScaleSubresource(_reader, _writer),
            new BindingSubresource(_writer),
            new PodPartSubresource(PodParts.EphemeralContainers, PodParts.KeepButEphemeralContainers, PodParts.ValidateEphemeralContainers, _reader, _updater),
            new PodPartSubresource(PodParts.Resize, PodParts.KeepButResources, PodParts.ValidateResize, _reader, _updater),
            new EvictionSubresource(store, registry, _writer, _deleter),
            new FinalizeSubresource(_updater),
            new ApprovalSubresource(_reader, _updater, _writer),
            new TokenSubresource(_reader, store, Tokens, simulation),
        ];
        _subresources = subresources.ToDictionary(s => s.Name);
        CustomResources = new CustomResourceRegistrar(store, registry);
    }

    /// <summary>What is served; definitions may be added and removed while the server runs.</summary>
    public ResourceRegistry Registry { get; }

    /// <summary>What componentstatuses tell.</summary>
    public ComponentHealth Components { get; }

    /// <summary>Custom resources are served from the start as they were when the store was last open; a keeper follows what becomes of them.</summary>
    internal CustomResourceRegistrar CustomResources { get; }

    internal IObjectStore Store { get; }

    internal SimulationContext Simulation { get; }

    internal ServiceAccountTokens Tokens { get; }

    public async Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        RequestScope? scope = null;
        try
        {
            scope = RequestScope.Resolve(Registry, request);
            return await SendAsync(scope, cancellationToken);
        }
        catch (StatusException refusal)
        {
            // What was warned of before the refusal is still worth knowing.
            return Refuse(refusal, scope?.Warnings ?? []);
        }
        catch (StoreUnavailableException unavailable)
        {
            return Refuse(StatusException.ServiceUnavailable($"the store is not available: {unavailable.Message}"), []);
        }
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return new WatchEvents(OpenWatch(request, cancellationToken));
        }
        catch (StatusException refusal)
        {
            return new WatchEvents(WatchSource.Refused(refusal));
        }
    }

    /// <summary>Lists without making the bytes of the answer.</summary>
    /// <exception cref="StatusException">Refused.</exception>
    internal ObjectList List(RequestScope scope) => _reader.List(scope);

    /// <exception cref="StatusException">The request is bad; as long as this is not thrown, failures are Error events.</exception>
    internal IAsyncEnumerable<WatchStep> OpenWatch(WatchRequest request, CancellationToken cancellationToken) => OpenWatch(ScopeOf(request), request, cancellationToken);

    /// <exception cref="StatusException">There is no such resource.</exception>
    internal RequestScope ScopeOf(WatchRequest request) => RequestScope.Resolve(Registry, new ApiRequest(ApiVerb.List, request.Resource, request.Namespace, Version: request.Version));

    /// <inheritdoc cref="OpenWatch(WatchRequest, CancellationToken)"/>
    internal IAsyncEnumerable<WatchStep> OpenWatch(RequestScope scope, WatchRequest request, CancellationToken cancellationToken)
    {
        if (scope.Definition.IsComputed) throw StatusException.MethodNotAllowed();
        return _watches.Open(scope, request, cancellationToken);
    }

    private static ApiResponse Refuse(StatusException refusal, IReadOnlyList<string> warnings) => new(refusal.Code, refusal.ToStatus(), warnings);

    /// <summary>Runs a request whose resource needn't be served.</summary>
    /// <exception cref="StatusException">Refused.</exception>
    internal async Task<ApiResponse> SendAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        if (scope.Request.Subresource.Length > 0)
        {
            if (scope.Facets.Subresources.All(s => s.Name != scope.Request.Subresource) || !_subresources.TryGetValue(scope.Request.Subresource, out var subresource))
            {
                throw StatusException.UnknownPath();
            }
            return await subresource.HandleAsync(scope, cancellationToken);
        }
        // A review is answered where it is known who asks.
        if (scope.Definition.IsReview || (scope.Definition.IsComputed && scope.Request.Verb is not (ApiVerb.Get or ApiVerb.List))) throw StatusException.MethodNotAllowed();
        switch (scope.Request.Verb)
        {
            case ApiVerb.Get:
                return scope.Respond(200, scope.Encode(_reader.Get(scope)));
            case ApiVerb.List:
                return scope.Respond(200, _reader.List(scope).ToBytes());
            case ApiVerb.Create:
                return ObjectUpdater.Answer(scope, 201, await _writer.CreateAsync(scope, cancellationToken));
            case ApiVerb.Update:
                return await _updater.UpdateAsync(scope, UpdateMode.Whole, cancellationToken);
            case ApiVerb.Patch:
                return await _updater.PatchAsync(scope, UpdateMode.Whole, cancellationToken);
            case ApiVerb.Delete:
                return await _deleter.DeleteAsync(scope, cancellationToken);
            case ApiVerb.DeleteCollection:
                return await _deleter.DeleteCollectionAsync(scope, _reader.List(scope), cancellationToken);
            default:
                throw StatusException.MethodNotAllowed();
        }
    }
}
