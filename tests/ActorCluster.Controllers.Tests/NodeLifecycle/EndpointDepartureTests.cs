using System.Globalization;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Tables;
using ActorCluster.Controllers.EndpointSlices;
using ActorCluster.Controllers.NodeLifecycle;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.NodeLifecycle;

/// <summary>A slice that loses a node's only endpoint.</summary>
public sealed class EndpointDepartureTests
{
    private const string Node = "worker-1";

    [Fact]
    public async Task Who_sees_that_the_endpoints_are_gone_asks_the_tables_for_the_change_that_took_them_even_if_he_is_the_first_to_see_it()
    {
        var simulation = SimulationContext.RealTime(1) with { Clock = new FakeTimeProvider(Make.Noon) };
        await using var store = await ObjectStore.OpenAsync(new MemoryBackend(), simulation);
        var pipeline = new ApiPipeline(store, ResourceRegistry.BuiltIn(), simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(pipeline);
        await using var informers = new SharedInformers(pipeline, simulation);
        var tables = new AskedTables();
        await using var services = new ControllerServices(pipeline, informers, simulation, new ControllersOptions { Timings = ClusterTimings.Fast, Tables = tables });
        var departure = new EndpointDeparture(services);
        var asked = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Before the departure's own handlers: as a thread that looks into the cache at just that moment.
        informers.Of<V1EndpointSlice>().Changed += (before, after) =>
        {
            if (before is null || after?.Endpoints is { Count: > 0 }) return;
            departure.Await(Node).ShouldBeNull();
            departure.PassTablesAsync(Node, ["akka.tcp://actorcluster@127.0.0.1:2"], CancellationToken.None).IsCompletedSuccessfully.ShouldBeTrue();
            asked.SetResult(tables.Revision);
        };
        departure.Attach(_ => { });
        informers.Start();
        await informers.SyncedAsync();

        var client = new KubeClient(pipeline, "test");
        var slice = await client.CreateAsync(new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { Name = "web-1", NamespaceProperty = "default", Labels = new Dictionary<string, string> { [EndpointSlicePlan.ManagedByLabel] = EndpointSlicePlan.ManagedBy } },
            AddressType = "IPv4",
            Endpoints = [new V1Endpoint { Addresses = ["10.244.0.5"], NodeName = Node, Conditions = new V1EndpointConditions { Ready = true, Serving = true } }],
        });
        slice.Endpoints = [];
        var changed = await client.UpdateAsync(slice);

        (await asked.Task.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe(long.Parse(changed.Metadata.ResourceVersion, CultureInfo.InvariantCulture));
    }

    private sealed class AskedTables : INetworkTablesFence
    {
        public long Revision { get; private set; }

        public Task PassAsync(IReadOnlyCollection<string> processes, long revision, TimeSpan bound, CancellationToken cancellationToken)
        {
            Revision = revision;
            return Task.CompletedTask;
        }
    }
}
