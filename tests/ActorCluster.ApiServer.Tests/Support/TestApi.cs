using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.ApiServer.Tests.Support;

/// <summary>A pipeline over a store in memory, on a clock that stands still until it is told to go on.</summary>
internal sealed class TestApi : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly ObjectStore _store;

    private TestApi(ObjectStore store, FakeTimeProvider clock, SimulationContext simulation)
    {
        _store = store;
        Clock = clock;
        Simulation = simulation;
        Pipeline = NewPipeline();
    }

    public FakeTimeProvider Clock { get; }

    public SimulationContext Simulation { get; }

    public ApiPipeline Pipeline { get; }

    public static async Task<TestApi> StartAsync(StoreOptions? options = null)
    {
        var clock = new FakeTimeProvider(Start);
        var simulation = new SimulationContext(clock, new RandomSource(7), TaskScheduler.Default, PipeScheduler.ThreadPool);
        var api = new TestApi(await ObjectStore.OpenAsync(new MemoryBackend(), simulation, options), clock, simulation);
        await SystemObjects.EnsureAsync(api.Pipeline);
        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);
        return api;
    }

    /// <summary>Another pipeline on the same store, as after a restart of the server.</summary>
    public ApiPipeline NewPipeline(ServiceAccountKey? tokenKey = null) => new(_store, ResourceRegistry.BuiltIn(), Simulation, ClusterTimings.Kubernetes, tokenKey);

    /// <summary>Another one, with something between it and the store.</summary>
    public ApiPipeline NewPipeline(Func<IObjectStore, IObjectStore> between) => new(between(_store), ResourceRegistry.BuiltIn(), Simulation, ClusterTimings.Kubernetes);

    public Task<ApiResponse> SendAsync(ApiRequest request) => Pipeline.SendAsync(request);

    public Task<ApiResponse> CreateAsync(string resource, string yaml, ApiRequestOptions? options = null, string ns = "default") =>
        SendAsync(new ApiRequest(ApiVerb.Create, ResourceName.Parse(resource), Scope(resource, ns), Body: YamlDocuments.ToJson(yaml), Options: options));

    public async Task<JsonObject> CreatedAsync(string resource, string yaml, string ns = "default") => Good(await CreateAsync(resource, yaml, ns: ns));

    public Task<ApiResponse> GetAsync(string resource, string name, string ns = "default") =>
        SendAsync(new ApiRequest(ApiVerb.Get, ResourceName.Parse(resource), Scope(resource, ns), name));

    public async Task<JsonObject> ReadAsync(string resource, string name, string ns = "default") => Good(await GetAsync(resource, name, ns));

    public Task<ApiResponse> UpdateAsync(string resource, JsonObject obj, string subresource = "") => SendAsync(new ApiRequest(
        ApiVerb.Update, ResourceName.Parse(resource), obj.TextAt("metadata", "namespace") ?? "", obj.TextAt("metadata", "name")!, subresource, Body: Bytes(obj)));

    public Task<ApiResponse> PatchAsync(string resource, string name, string patch, PatchType type = PatchType.Merge, string subresource = "", ApiRequestOptions? options = null) =>
        SendAsync(new ApiRequest(ApiVerb.Patch, ResourceName.Parse(resource), Scope(resource, "default"), name, subresource, Body: Encoding.UTF8.GetBytes(patch), PatchType: type, Options: options));

    public Task<ApiResponse> DeleteAsync(string resource, string name, ApiRequestOptions? options = null, string body = "") => SendAsync(new ApiRequest(
        ApiVerb.Delete, ResourceName.Parse(resource), Scope(resource, "default"), name, Body: Encoding.UTF8.GetBytes(body), Options: options));

    public Task<ApiResponse> ListAsync(string resource, ApiRequestOptions? options = null, string ns = "default") =>
        SendAsync(new ApiRequest(ApiVerb.List, ResourceName.Parse(resource), Scope(resource, ns), Options: options));

    public async Task<string[]> NamesAsync(string resource, ApiRequestOptions? options = null, string ns = "default") =>
        [.. Good(await ListAsync(resource, options, ns)).GetObjects("items").Select(i => i.TextAt("metadata", "name")!)];

    /// <summary>The body of an answer that must be a success.</summary>
    public static JsonObject Good(ApiResponse response)
    {
        response.IsSuccess.ShouldBeTrue(Encoding.UTF8.GetString(response.Body.Span));
        return Body(response);
    }

    /// <summary>The Status of an answer that must be a refusal with that code.</summary>
    public static JsonObject Refused(ApiResponse response, int code)
    {
        var status = Body(response);
        response.StatusCode.ShouldBe(code, status.ToJsonString());
        status.GetString("kind").ShouldBe("Status");
        status.GetString("status").ShouldBe("Failure");
        status.GetInteger("code").ShouldBe(code);
        return status;
    }

    public static JsonObject Body(ApiResponse response) => (JsonObject)JsonNode.Parse(response.Body.Span)!;

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static string Scope(string resource, string ns) => ResourceRegistry.BuiltIn().Find(ResourceName.Parse(resource)) is { Namespaced: false } ? "" : ns;
}
