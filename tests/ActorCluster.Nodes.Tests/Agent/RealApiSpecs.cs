using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Streams;
using ActorCluster.Nodes.Tests.Support;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using k8s.Models;
using Xunit.Abstractions;
using WatchEventType = ActorCluster.Contracts.Client.WatchEventType;

namespace ActorCluster.Nodes.Tests.Agent;

/// <summary>A node on the API server's own pipeline and store, in real time.</summary>
public class RealApiSpecs(ITestOutputHelper output) : PatientTestKit(NetworkSerialization.Config, output), IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);
    private ObjectStore _store = null!;
    private ApiPipeline _api = null!;
    private KubeClient _client = null!;
    private IActorRef _nodes = ActorRefs.Nobody;

    public async Task InitializeAsync()
    {
        var simulation = _simulation with { ReportFault = (doing, fault) => _faults.Enqueue($"{doing}: {fault}") };
        _store = await ObjectStore.OpenAsync(new MemoryBackend(), simulation);
        _api = new ApiPipeline(_store, ResourceRegistry.BuiltIn(), simulation, ClusterTimings.Fast);
        await SystemObjects.EnsureAsync(_api);
        _client = new KubeClient(_api, "test");
        // What controllers make, and every pod's volume of credentials shows.
        await _client.CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "default", NamespaceProperty = "default" } });
        await _client.CreateAsync(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = "kube-root-ca.crt", NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["ca.crt"] = "the CA" },
        });
        _nodes = Sys.ActorOf(NodesActor.Props(new NodesOptions
        {
            Nodes = [new NodeOptions("node-1")],
            ProcessName = "worker-1",
            ProcessAddress = "akka://test",
            Api = _api,
            Runtime = new ContainerRuntime([.. BuiltInImages.All, new TestImage()]),
            Simulation = simulation,
            Timings = ClusterTimings.Fast,
            Link = new NoLink(),
            NetworkTables = Sys.ActorOf(NetworkTablesActor.Props(_api, simulation, new NetworkTablesSource())),
            Programs = new NoServices(),
        }));
        await EventuallyAsync(async () => (await _client.GetAsync<V1Node>("", "node-1")).ShouldNotBeNull());
        await _client.PatchAsync<V1Node>("", "node-1", new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = "10.244.0.0/24", ["podCIDRs"] = new JsonArray("10.244.0.0/24") } });
        await EventuallyAsync(async () => (await _client.GetAsync<V1Node>("", "node-1"))!.Status.Conditions.Single(condition => condition.Type == "Ready").Status.ShouldBe("True"));
    }

    public async Task DisposeAsync()
    {
        await _nodes.GracefulStop(Patience);
        await _store.DisposeAsync();
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pod_runs_serves_and_goes_as_kubectl_would_see_it()
    {
        await CreateAsync("web", "test/sleeper", "/bin/listen", "80");
        await EventuallyAsync(async () => (await PodAsync("web")).Status.Phase.ShouldBe("Running"));
        var pod = await PodAsync("web");
        pod.Status.PodIP.ShouldBe("10.244.0.2");
        pod.Status.Conditions.ShouldAllBe(condition => condition.Status == "True");
        pod.Status.ContainerStatuses.ShouldHaveSingleItem().Ready.ShouldBeTrue();

        var node = await Sys.ActorSelection(_nodes.Path / "node-1").ResolveOne(Patience);
        // Without a readiness probe a pod is ready before its program listens.
        await EventuallyAsync(async () =>
        {
            using var peer = new TestPeer();
            await new ContainerStreamHandler(node, _simulation).HandleAsync(new ExecRequest("default", "web", pod.Metadata.Uid, "main", ["/bin/connect", pod.Status.PodIP, "80"], false, true, true, false), peer);
            peer.Stdout.ShouldBe("hello\n");
        });
        await EventuallyAsync(async () => (await _client.ListAsync<Corev1Event>("default")).Select(item => item.Reason).ShouldBeSubsetOf(["Starting", "NodeAllocatableEnforced", "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady", "NodeNotReady", "Pulling", "Pulled", "Created", "Started"]));

        await _client.DeleteAsync<V1Pod>("default", "web");
        await EventuallyAsync(async () => (await _client.GetAsync<V1Pod>("default", "web")).ShouldBeNull());
        (await StepsOfDeletionAsync(pod)).ShouldBe(["marked", "gone"]);
    }

    [Fact]
    public async Task Conditions_that_others_write_at_the_same_time_are_not_lost()
    {
        await CreateAsync("web", "test/sleeper");
        for (var i = 0; i < 20; i++)
        {
            var pod = await PodAsync("web");
            pod.Status.Conditions ??= [];
            if (pod.Status.Conditions.Any(condition => condition.Type == "example.com/mine")) break;
            pod.Status.Conditions.Add(new V1PodCondition { Type = "example.com/mine", Status = "True" });
            try
            {
                await _client.UpdateAsync(pod, "status");
            }
            catch (ApiStatusException conflict) when (conflict.IsConflict)
            {
                // The node was faster.
            }
        }
        await EventuallyAsync(async () => (await PodAsync("web")).Status.Conditions.Count(condition => condition.Status == "True").ShouldBe(6));
    }

    [Fact]
    public async Task A_pod_with_a_finalizer_stays_until_that_is_gone()
    {
        await CreateHeldAsync("held");
        await EventuallyAsync(async () => (await PodAsync("held")).Status.Phase.ShouldBe("Running"));
        await _client.DeleteAsync<V1Pod>("default", "held");
        await EventuallyAsync(async () => (await PodAsync("held")).Status.Phase.ShouldBeOneOf("Succeeded", "Failed"));
        await _client.PatchAsync<V1Pod>("default", "held", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } });
        await EventuallyAsync(async () => (await _client.GetAsync<V1Pod>("default", "held")).ShouldBeNull());
    }

    /// <summary>What a watch says of the deletion of a pod that is gone.</summary>
    private async Task<List<string>> StepsOfDeletionAsync(V1Pod pod)
    {
        var steps = new List<string>();
        await foreach (var change in _api.WatchAsync(new WatchRequest(new ResourceName("", "pods"), "default", pod.Metadata.ResourceVersion)))
        {
            if (change.Type == WatchEventType.Deleted) return [.. steps.Distinct(), "gone"];
            if (JsonNode.Parse(change.Object.Span)!["metadata"]!["deletionTimestamp"] is not null) steps.Add("marked");
        }
        return steps;
    }

    private Task CreateAsync(string name, string image, params string[] command) => CreateAsync(name, image, null, command);

    private Task CreateHeldAsync(string name) => CreateAsync(name, "test/sleeper", "example.com/hold", []);

    private async Task CreateAsync(string name, string image, string? finalizer, string[] command) => await _client.CreateAsync(new V1Pod
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Finalizers = finalizer is null ? null : [finalizer] },
        Spec = new V1PodSpec { NodeName = "node-1", Containers = [new V1Container { Name = "main", Image = image, Command = command.Length == 0 ? null : command }], TerminationGracePeriodSeconds = 1 },
    });

    private async Task<V1Pod> PodAsync(string name) => (await _client.GetAsync<V1Pod>("default", name)).ShouldNotBeNull();

    private Task EventuallyAsync(Func<Task> assertion) => AwaitAssertAsync(assertion, Patience, TimeSpan.FromMilliseconds(20));

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    private sealed class NoLink : IPacketLink
    {
        public void Send(NodeRoute destination, Packet packet) => throw new InvalidOperationException($"There is no node {destination.Name}.");

        public void Attach(string nodeName, IActorRef network)
        {
            // One node: nothing is ever sent to it from elsewhere.
        }

        public void Detach(string nodeName, IActorRef network)
        {
            // See Attach.
        }
    }
}
