using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Store;
using ActorCluster.Store.Backends;

namespace ActorCluster.ApiServer.Tests.Bootstrap;

public class SystemObjectsKeeperSpecs
{
    [Fact]
    public async Task What_leads_to_the_API_server_comes_back_when_it_is_deleted()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Good(await api.DeleteAsync("endpoints", "kubernetes"));
        TestApi.Good(await api.DeleteAsync("endpointslices.discovery.k8s.io", "kubernetes"));
        TestApi.Good(await api.DeleteAsync("services", "kubernetes"));

        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);

        (await api.ReadAsync("services", "kubernetes")).TextAt("spec", "clusterIP").ShouldBe("10.96.0.1");
        (await api.ReadAsync("endpoints", "kubernetes")).GetObjects("subsets").ShouldHaveSingleItem().GetObjects("addresses").ShouldHaveSingleItem().GetString("ip").ShouldBe("172.18.0.1");
        (await api.ReadAsync("endpointslices.discovery.k8s.io", "kubernetes")).GetObjects("endpoints").ShouldHaveSingleItem().GetStrings("addresses").ShouldBe(["172.18.0.1"]);
    }

    [Fact]
    public async Task Where_it_leads_is_put_right_again_and_what_is_right_is_left_alone()
    {
        await using var api = await TestApi.StartAsync();
        var slice = await api.ReadAsync("endpointslices.discovery.k8s.io", "kubernetes");
        var endpoints = await api.ReadAsync("endpoints", "kubernetes");
        slice["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = JsonDocuments.ArrayOf("10.244.1.2") });
        TestApi.Good(await api.UpdateAsync("endpointslices.discovery.k8s.io", slice));

        await SystemObjects.KeepAsync(api.Pipeline, CancellationToken.None);

        (await api.ReadAsync("endpointslices.discovery.k8s.io", "kubernetes")).GetObjects("endpoints").ShouldHaveSingleItem().GetStrings("addresses").ShouldBe(["172.18.0.1"]);
        (await api.ReadAsync("endpoints", "kubernetes")).TextAt("metadata", "resourceVersion").ShouldBe(endpoints.TextAt("metadata", "resourceVersion"));
    }

    [Fact]
    public async Task It_puts_back_what_is_gone_at_its_next_look_and_looks_every_ten_seconds() => await WithKeeperAsync(async (loop, api) =>
    {
        await loop.AdvanceAsync(TimeSpan.FromSeconds(35));
        (await loop.RunAsync(() => api.SendAsync(new ApiRequest(ApiVerb.Delete, Endpoints, "default", "kubernetes")))).IsSuccess.ShouldBeTrue();
        await loop.AdvanceAsync(TimeSpan.FromSeconds(4.9));
        (await ReadAsync(loop, api)).StatusCode.ShouldBe(404);
        await loop.AdvanceAsync(TimeSpan.FromSeconds(0.1));
        (await ReadAsync(loop, api)).IsSuccess.ShouldBeTrue();
    });

    [Fact]
    public async Task It_does_nothing_while_nothing_of_that_changes() => await WithKeeperAsync(async (loop, api) =>
    {
        await loop.AdvanceAsync(TimeSpan.FromMinutes(1));
        var done = loop.Done;
        await loop.AdvanceAsync(TimeSpan.FromHours(1));
        (loop.Done - done).ShouldBeLessThan(10);
        (await ReadAsync(loop, api)).IsSuccess.ShouldBeTrue();
    });

    private static readonly ResourceName Endpoints = new("", "endpoints");

    private static Task<ApiResponse> ReadAsync(SimulationLoop loop, ApiPipeline api) => loop.RunAsync(() => api.SendAsync(new ApiRequest(ApiVerb.Get, Endpoints, "default", "kubernetes")));

    private static async Task WithKeeperAsync(Func<SimulationLoop, ApiPipeline, Task> test)
    {
        using var loop = new SimulationLoop("keeper", TestApi.Start, fault => throw fault);
        var simulation = loop.Context(7);
        var store = await loop.RunAsync(() => ObjectStore.OpenAsync(new MemoryBackend(), simulation));
        var api = new ApiPipeline(store, ResourceRegistry.BuiltIn(), simulation, ClusterTimings.Kubernetes);
        await loop.RunAsync(() => SystemObjects.EnsureAsync(api));
        var keeper = loop.Do(() => SystemObjectsKeeper.Start(api, simulation));
        await test(loop, api);
        await loop.RunAsync(async () =>
        {
            await keeper.DisposeAsync();
            await store.DisposeAsync();
        });
    }
}
