using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.ApiServer.Tests.Support;

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
    public async Task It_looks_every_ten_seconds()
    {
        await using var api = await TestApi.StartAsync();
        await using var keeper = SystemObjectsKeeper.Start(api.Pipeline, api.Simulation);
        TestApi.Good(await api.DeleteAsync("endpoints", "kubernetes"));
        var watch = api.Pipeline.WatchAsync(new(new("", "endpoints"), "default")).GetAsyncEnumerator();
        var next = watch.MoveNextAsync().AsTask();
        api.Clock.Advance(TimeSpan.FromSeconds(10));
        (await next).ShouldBeTrue();
        await watch.DisposeAsync();
        (await api.GetAsync("endpoints", "kubernetes")).IsSuccess.ShouldBeTrue();
    }
}
