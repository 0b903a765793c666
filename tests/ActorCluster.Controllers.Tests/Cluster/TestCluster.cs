using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer;
using ActorCluster.ApiServer.Bootstrap;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>All controllers on the real API and store, with kubelets that exist only as answers: on nodes that live, bound pods become ready
/// at once and deleted ones go.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>Quick, but nobody has to send heartbeats.</summary>
    public static readonly ClusterTimings UnhurriedTimings = ClusterTimings.Fast with { NodeMonitorGracePeriod = TimeSpan.FromHours(1) };

    private readonly ActorSystem _system;
    private readonly SimulationContext _simulation;
    private readonly ControllersOptions _options;
    private readonly ObjectStore _store;
    private readonly ApiPipeline _pipeline;
    private readonly ConcurrentDictionary<string, bool> _dead = new();
    private readonly ConcurrentQueue<string> _faults;
    private int _addresses;

    private TestCluster(ActorSystem system, SimulationContext simulation, ObjectStore store, ControllersOptions options, ConcurrentQueue<string> faults)
    {
        (_system, _simulation, _store, _faults) = (system, simulation, store, faults);
        var registry = ResourceRegistry.BuiltIn();
        _pipeline = new ApiPipeline(store, registry, simulation, options.Timings);
        Api = new ObservedApi(_pipeline, simulation);
        Client = new KubeClient(Api, "test");
        _options = options with
        {
            Registry = registry,
            RootCaPem = "-----BEGIN CERTIFICATE-----",
        };
        Api.Changed += (resource, change) =>
        {
            if (resource.Plural == "pods" && change.Type is Contracts.Client.WatchEventType.Added or Contracts.Client.WatchEventType.Modified) Kubelet(change.Object);
        };
    }

    public ObservedApi Api { get; }
    public KubeClient Client { get; }
    public IActorRef Controllers { get; private set; } = ActorRefs.Nobody;

    public static async Task<TestCluster> StartAsync(ActorSystem system, int nodes, TimeProvider? clock = null, ControllersOptions? options = null, QuietWork? work = null)
    {
        ConcurrentQueue<string> faults = new();
        var simulation = SimulationContext.RealTime(1) with
        {
            Clock = clock ?? TimeProvider.System,
            Tasks = work?.Tasks ?? TaskScheduler.Default,
            Pipes = work?.Pipes ?? PipeScheduler.ThreadPool,
            ReportFault = (doing, fault) => faults.Enqueue($"{doing}: {fault}"),
        };
        var store = await ObjectStore.OpenAsync(new MemoryBackend(), simulation);
        var cluster = new TestCluster(system, simulation, store, options ?? new ControllersOptions { Timings = UnhurriedTimings }, faults);
        await SystemObjects.EnsureAsync(cluster._pipeline);
        cluster.Api.Observe([.. cluster._options.Registry.Stored.Select(definition => definition.Name)]);
        for (var i = 1; i <= nodes; i++) await cluster.AddNodeAsync(i);
        await cluster.StartControllersAsync();
        return cluster;
    }

    public async Task AddNodeAsync(int number, string cpu = "4")
    {
        var node = Make.Node($"worker-{number}", cpu: cpu);
        node.Metadata.ResourceVersion = node.Metadata.Uid = null;
        node.Metadata.CreationTimestamp = null;
        node.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.ProcessAddressAnnotation] = $"akka.tcp://actorcluster@127.0.0.1:{number}" };
        await Client.CreateAsync(node);
    }

    public async Task StartControllersAsync()
    {
        Controllers = _system.ActorOf(ControllersActor.Props(Api, _simulation, _options));
        await Controllers.Ask<ControllersReady>(WaitForControllers.Instance, TimeSpan.FromSeconds(60));
    }

    public Task StopControllersAsync() => Controllers.GracefulStop(TimeSpan.FromSeconds(60), StopControllers.Instance);

    /// <summary>From now on nothing happens on that node any more.</summary>
    public void Kill(string node) => _dead[node] = true;

    public IReadOnlyList<V1Pod> Pods(string labels = "") =>
        [.. Api.List<V1Pod>().Where(pod => Make.Labels(labels).All(l => pod.Metadata.Labels?.TryGetValue(l.Key, out var v) == true && v == l.Value))];

    /// <summary>How many ready endpoints a service's EndpointSlices name.</summary>
    public int ReadyEndpoints(string service) => Api.List<V1EndpointSlice>()
        .Where(slice => slice.Metadata.Labels["kubernetes.io/service-name"] == service)
        .Sum(slice => slice.Endpoints?.Count(endpoint => endpoint.Conditions.Ready == true) ?? 0);

    public async ValueTask DisposeAsync()
    {
        await StopControllersAsync();
        await Api.DisposeAsync();
        await _store.DisposeAsync();
        _faults.ShouldBeEmpty();
    }

    private void Kubelet(ReadOnlyMemory<byte> json)
    {
        var pod = KubernetesJson.Deserialize<V1Pod>(Encoding.UTF8.GetString(json.Span));
        if (string.IsNullOrEmpty(pod.Spec.NodeName) || _dead.ContainsKey(pod.Spec.NodeName)) return;
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            Do(() => Client.DeleteAsync<V1Pod>(ns, name, new DeleteOptions(GracePeriodSeconds: 0, PreconditionUid: pod.Metadata.Uid)));
        }
        else if (pod.Status.Phase == "Pending")
        {
            var ip = $"10.244.0.{Interlocked.Increment(ref _addresses)}";
            var now = _simulation.Clock.GetUtcNow();
            var status = new V1PodStatus
            {
                Phase = "Running",
                PodIP = ip,
                PodIPs = [new V1PodIP { Ip = ip }],
                Conditions =
                [
                    .. pod.Status.Conditions ?? [],
                    new V1PodCondition { Type = "Ready", Status = "True", LastTransitionTime = new DateTime(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc) },
                ],
            };
            // Not over what a test has said of the pod meanwhile.
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = pod.Metadata.ResourceVersion },
                ["status"] = JsonNode.Parse(KubernetesJson.Serialize(status)),
            };
            Do(() => Client.PatchAsync<V1Pod>(ns, name, patch, "status"));
        }
    }

    private void Do(Func<Task> work) => _simulation.Start(async () =>
    {
        try
        {
            await work();
        }
        catch (ApiStatusException failure) when (failure.Code is 409)
        {
            // Another namesake by now, or gone.
        }
        catch (Exception failure)
        {
            _faults.Enqueue($"kubelet: {failure}");
        }
    });
}
