using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Reconciling;

public class InformerIndexTests
{
    [Fact]
    public async Task Whoever_finds_something_in_the_cache_finds_it_in_an_index_too()
    {
        var simulation = SimulationContext.RealTime(1);
        await using var store = await ObjectStore.OpenAsync(new MemoryBackend(), simulation);
        var api = new ApiPipeline(store, ResourceRegistry.BuiltIn(), simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(api);
        var client = new KubeClient(api, "test");
        await client.CreateAsync(Make.Unsaved(Make.Pod("listed", "a=b")));
        await using var informers = new SharedInformers(api, simulation);
        var pods = informers.Of<V1Pod>();
        InformerIndex<V1Pod>? index = null;
        List<string> seen = [];
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // The first to hear of a change.
        pods.Changed += (before, after) =>
        {
            var indexed = index!.Get("default").Select(pod => pod.Metadata.ResourceVersion);
            var cached = pods.List().Select(pod => pod.Metadata.ResourceVersion);
            seen.Add(indexed.SequenceEqual(cached) ? "equal" : "different");
            if (after is null) all.SetResult();
        };
        index = informers.ByNamespace<V1Pod>();
        informers.Start();
        await informers.SyncedAsync();
        await client.CreateAsync(Make.Unsaved(Make.Pod("watched", "a=b")));
        await client.DeleteAsync<V1Pod>("default", "watched", new DeleteOptions(GracePeriodSeconds: 0));
        await all.Task.WaitAsync(PatientTestKit.Patience);
        seen.ShouldAllBe(word => word == "equal");
    }
}
