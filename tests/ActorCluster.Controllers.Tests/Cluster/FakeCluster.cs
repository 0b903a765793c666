using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Tests.Fakes;
using Akka.Actor;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>All controllers against a fake API and fake kubelets: bound pods become ready at once, deleted ones go, on nodes that live.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    public static readonly ResourceName[] Resources =
    [
        new("", "pods"), new("", "services"), new("", "endpoints"), new("", "configmaps"), new("", "serviceaccounts"), new("", "namespaces"), new("", "nodes"),
        new("apps", "deployments"), new("apps", "replicasets"), new("discovery.k8s.io", "endpointslices"),
    ];

    /// <summary>Quick, but nobody has to send heartbeats.</summary>
    private static readonly ClusterTimings UnhurriedTimings = ClusterTimings.Fast with { NodeMonitorGracePeriod = TimeSpan.FromHours(1) };

    private readonly ActorSystem _system;
    private readonly HashSet<string> _dead = [];
    private readonly SimulationContext _simulation;
    private readonly ControllersOptions _options;
    private int _addresses;

    private FakeCluster(ActorSystem system, TimeProvider clock, ControllersOptions options)
    {
        _system = system;
        Api = new FakeApi(clock);
        Client = new KubeClient(Api, "test");
        _simulation = SimulationContext.RealTime(1) with { Clock = clock };
        _options = options with
        {
            Resources = Resources,
            ClusterScoped = new HashSet<ResourceName> { new("", "namespaces"), new("", "nodes") },
            RootCaPem = "-----BEGIN CERTIFICATE-----",
        };
        Api.Changed += (key, item) =>
        {
            if (key.Resource.Plural == "pods" && item is not null) Kubelet(key, item);
        };
    }

    public FakeApi Api { get; }
    public KubeClient Client { get; }
    public IActorRef Controllers { get; private set; } = ActorRefs.Nobody;

    public static async Task<FakeCluster> StartAsync(ActorSystem system, int nodes, TimeProvider? clock = null, ControllersOptions? options = null)
    {
        var cluster = new FakeCluster(system, clock ?? TimeProvider.System, options ?? new ControllersOptions { Timings = UnhurriedTimings });
        await cluster.Client.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "default" } });
        for (var i = 1; i <= nodes; i++)
        {
            var node = Make.Node($"worker-{i}");
            node.Metadata.ResourceVersion = null;
            node.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.ProcessAddressAnnotation] = $"akka.tcp://actorcluster@127.0.0.1:{i}" };
            await cluster.Client.CreateAsync(node);
        }

        await cluster.StartControllersAsync();
        return cluster;
    }

    public async Task StartControllersAsync()
    {
        Controllers = _system.ActorOf(ControllersActor.Props(Api, _simulation, _options));
        await Controllers.Ask<ControllersReady>(WaitForControllers.Instance, TimeSpan.FromSeconds(60));
    }

    public Task StopControllersAsync() => Controllers.GracefulStop(TimeSpan.FromSeconds(30));

    /// <summary>From now on nothing happens on that node any more.</summary>
    public void Kill(string node)
    {
        lock (_dead) _dead.Add(node);
    }

    public IReadOnlyList<V1Pod> Pods(string labels = "") =>
        [.. Api.List<V1Pod>().Where(pod => Make.Labels(labels).All(l => pod.Metadata.Labels?.TryGetValue(l.Key, out var v) == true && v == l.Value))];

    public async ValueTask DisposeAsync() => await StopControllersAsync();

    private void Kubelet(ObjectKey key, JsonObject item)
    {
        var node = (string?)item["spec"]?["nodeName"];
        lock (_dead)
        {
            if (node is null || _dead.Contains(node)) return;
        }

        var options = new ApiRequestOptions { GracePeriodSeconds = 0 };
        if (item["metadata"]!["deletionTimestamp"] is not null)
        {
            Post(new ApiRequest(ApiVerb.Delete, key.Resource, key.Namespace, key.Name, Options: options));
        }
        else if ((string?)item["status"]?["phase"] == "Pending")
        {
            var status = new V1PodStatus
            {
                Phase = "Running",
                PodIP = $"10.244.0.{Interlocked.Increment(ref _addresses)}",
                Conditions = [new V1PodCondition { Type = "Ready", Status = "True", LastTransitionTime = Make.Noon.UtcDateTime }],
            };
            var patch = new JsonObject { ["status"] = JsonNode.Parse(KubernetesJson.Serialize(status)) };
            Post(new ApiRequest(ApiVerb.Patch, key.Resource, key.Namespace, key.Name, "status", Body: System.Text.Encoding.UTF8.GetBytes(patch.ToJsonString()), PatchType: PatchType.Merge));
        }
    }

    private void Post(ApiRequest request) => Task.Run(() => Api.SendAsync(request));
}
