using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Tables;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>What becomes of a node that is heard no more, on virtual time and with upstream's own timers.</summary>
public class NodeFailureTests : PatientTestKit
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private readonly FakeTimeProvider _clock = new(Make.Noon);
    private readonly QuietWork _work;

    public NodeFailureTests() : base(QuietWork.Config) => _work = QuietWork.Of(Sys);

    [Fact]
    public async Task A_silent_node_is_tainted_its_pods_leave_the_service_at_once_and_are_replaced_when_their_toleration_ends()
    {
        await using var cluster = await StartAsync(3, new ControllersOptions());
        cluster.Kill("worker-1");
        await PassAsync(cluster, alive: ["worker-2", "worker-3"], () => Ready(cluster, "worker-1") == "Unknown");
        (_clock.GetUtcNow() - Make.Noon).ShouldBeGreaterThan(ClusterTimings.Kubernetes.NodeMonitorGracePeriod);
        await PassAsync(cluster, ["worker-2", "worker-3"], () => cluster.ReadyEndpoints("web") == 4, Moment);
        (_clock.GetUtcNow() - Make.Noon).ShouldBeLessThan(ClusterTimings.Kubernetes.NodeMonitorGracePeriod + TimeSpan.FromSeconds(15));
        await PassAsync(cluster, ["worker-2", "worker-3"], () => Taints(cluster, "worker-1").Contains("node.kubernetes.io/unreachable:NoExecute"));
        Taints(cluster, "worker-1").ShouldContain("node.kubernetes.io/unreachable:NoSchedule");

        await PassAsync(cluster, ["worker-2", "worker-3"], () => cluster.ReadyEndpoints("web") == 6);
        (_clock.GetUtcNow() - Make.Noon).ShouldBeGreaterThan(TimeSpan.FromSeconds(350));
        cluster.Pods("app=web").Where(p => p.Spec.NodeName == "worker-1").ShouldAllBe(p => p.Metadata.DeletionTimestamp != null);
        Ready(cluster, "worker-2").ShouldBe("True");
    }

    [Fact]
    public async Task A_node_is_said_to_be_lost_only_when_its_endpoints_are_gone()
    {
        await using var cluster = await StartAsync(3, new ControllersOptions());
        ConcurrentQueue<long> serving = [], lost = [];
        cluster.Api.Changed += (resource, change) =>
        {
            if (resource.Plural == "nodes" && Parse<V1Node>(change) is { Metadata.Name: "worker-1" } node && Ready(node) == "Unknown") lost.Enqueue(VersionOf(node));
            if (resource.Plural == "endpointslices" && Parse<V1EndpointSlice>(change) is var slice && Serves(slice, "worker-1")) serving.Enqueue(VersionOf(slice));
        };
        await PassAsync(cluster, ["worker-2", "worker-3"], () => !lost.IsEmpty);

        cluster.ReadyEndpoints("web").ShouldBe(4);
        var gone = cluster.Api.List<V1EndpointSlice>().Single(slice => slice.Metadata.Labels["kubernetes.io/service-name"] == "web");
        Serves(gone, "worker-1").ShouldBeFalse();
        VersionOf(gone).ShouldBeLessThan(lost.Min());
        serving.Where(version => version > VersionOf(gone)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_is_said_to_be_lost_a_second_later_if_its_endpoints_do_not_go()
    {
        await using var cluster = await StartAsync(3, new ControllersOptions());
        cluster.Api.Intercept = static request => request is { Verb: not (ApiVerb.Get or ApiVerb.List), Resource.Plural: "endpointslices" } ? new ApiResponse(503, "{}"u8.ToArray(), []) : null;
        DateTimeOffset? marked = null;
        await PassAsync(cluster, ["worker-2", "worker-3"], () =>
        {
            if (cluster.Pods("app=web").Any(pod => pod.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "False" }))) marked ??= _clock.GetUtcNow();
            return Ready(cluster, "worker-1") == "Unknown";
        }, Moment);

        cluster.ReadyEndpoints("web").ShouldBe(6);
        (_clock.GetUtcNow() - marked!.Value).ShouldBeInRange(TimeSpan.FromMilliseconds(900), TimeSpan.FromMilliseconds(1200));
        cluster.Api.Intercept = null;
    }

    [Fact]
    public async Task A_node_that_comes_back_in_time_keeps_its_pods_and_loses_its_taints()
    {
        await using var cluster = await StartAsync(2, new ControllersOptions());
        await PassAsync(cluster, ["worker-2"], () => Taints(cluster, "worker-1").Contains("node.kubernetes.io/unreachable:NoExecute"));
        var before = cluster.Pods("app=web").Select(p => p.Metadata.Uid).Order().ToList();
        await BeatAsync(cluster, "worker-1");
        await PassAsync(cluster, ["worker-1", "worker-2"], () => Taints(cluster, "worker-1").Count == 0);
        cluster.Pods("app=web").Where(p => p.Metadata.DeletionTimestamp is null).Select(p => p.Metadata.Uid).Order().ShouldBe(before);
    }

    [Fact]
    public async Task When_all_nodes_fall_silent_no_pod_is_evicted()
    {
        await using var cluster = await StartAsync(2, new ControllersOptions());
        await PassAsync(cluster, [], () => Ready(cluster, "worker-1") == "Unknown" && Ready(cluster, "worker-2") == "Unknown");
        var until = _clock.GetUtcNow().AddMinutes(20);
        await PassAsync(cluster, [], () => _clock.GetUtcNow() > until);
        cluster.Pods("app=web").ShouldAllBe(p => p.Metadata.DeletionTimestamp == null);
    }

    [Fact]
    public async Task The_word_that_a_process_is_unreachable_spares_the_wait_and_a_heartbeat_revokes_it()
    {
        await using var cluster = await StartAsync(2, new ControllersOptions { UseProcessReachability = true });
        Sys.EventStream.Publish(new ProcessReachabilityChanged("akka.tcp://actorcluster@127.0.0.1:1", Reachable: false));
        // Retries and the next look at the nodes need a little time; the grace period would need more.
        await PassAsync(cluster, [], () => cluster.ReadyEndpoints("web") == 3 && Taints(cluster, "worker-1").Contains("node.kubernetes.io/unreachable:NoExecute"),
            Moment);
        (_clock.GetUtcNow() - Make.Noon).ShouldBeLessThan(ClusterTimings.Kubernetes.NodeMonitorGracePeriod);
        Ready(cluster, "worker-1").ShouldBe("Unknown");
        Ready(cluster, "worker-2").ShouldBe("True");

        _clock.Advance(TimeSpan.FromSeconds(1));
        await BeatAsync(cluster, "worker-1");
        await PassAsync(cluster, ["worker-1", "worker-2"], () => Taints(cluster, "worker-1").Count == 0);
        Ready(cluster, "worker-1").ShouldBe("True");
    }

    [Fact]
    public async Task A_lost_node_is_said_to_be_lost_only_when_the_other_processes_have_heard_that_its_endpoints_are_gone()
    {
        var tables = new HeldTables();
        await using var cluster = await StartAsync(2, new ControllersOptions { UseProcessReachability = true, Tables = tables });
        Sys.EventStream.Publish(new ProcessReachabilityChanged("akka.tcp://actorcluster@127.0.0.1:1", Reachable: false));
        var (processes, revision) = await tables.Asked;
        processes.ShouldBe(["akka.tcp://actorcluster@127.0.0.1:2"]);
        cluster.ReadyEndpoints("web").ShouldBe(3);
        revision.ShouldBeGreaterThan(0);
        Ready(cluster, "worker-1").ShouldBe("True");

        tables.Release();
        await PassAsync(cluster, [], () => Ready(cluster, "worker-1") == "Unknown", Moment);
    }

    /// <summary>Tables of others that have heard of nothing until they are released.</summary>
    private sealed class HeldTables : INetworkTablesFence
    {
        private readonly TaskCompletionSource<(IReadOnlyCollection<string>, long)> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(IReadOnlyCollection<string> Processes, long Revision)> Asked => _asked.Task;

        public void Release() => _released.SetResult();

        public Task PassAsync(IReadOnlyCollection<string> processes, long revision, TimeSpan bound, CancellationToken cancellationToken)
        {
            _asked.TrySetResult((processes, revision));
            return _released.Task;
        }
    }

    /// <summary>A cluster with a service of six ready pods.</summary>
    private async Task<TestCluster> StartAsync(int nodes, ControllersOptions options)
    {
        var cluster = await TestCluster.StartAsync(Sys, nodes, _clock, options, _work);
        var deployment = Make.Deployment("web", 6);
        deployment.Metadata.ResourceVersion = deployment.Metadata.Uid = null;
        deployment.Status = null;
        await cluster.Client.CreateAsync(deployment);
        await cluster.Client.CreateAsync(new V1Service
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" },
            Spec = Make.Service("web", "app=web", clusterIp: "").Spec,
        });
        await PassAsync(cluster, [], () => cluster.ReadyEndpoints("web") == 6, Moment);
        return cluster;
    }

    /// <summary>Lets time pass, the living nodes renewing their leases, until the condition holds. The clock moves on only when everybody has done what there was to do at
    /// that time, so that how much real time the controllers need doesn't matter.</summary>
    private async Task PassAsync(TestCluster cluster, string[] alive, Func<bool> condition, TimeSpan? step = null)
    {
        for (var i = 0; ; i++)
        {
            await _work.UntilQuietAsync();
            if (condition()) return;
            i.ShouldBeLessThan(20_000, cluster.Api.Dump());
            foreach (var node in alive) await RenewAsync(cluster, node);
            if (alive.Length > 0) await _work.UntilQuietAsync();
            _clock.Advance(step ?? TimeSpan.FromSeconds(1));
        }
    }

    private async Task RenewAsync(TestCluster cluster, string node)
    {
        var spec = new V1LeaseSpec { HolderIdentity = node, RenewTime = _clock.GetUtcNow().UtcDateTime };
        if (cluster.Api.Find<V1Lease>("kube-node-lease", node) is { } lease) await cluster.Client.UpdateAsync(lease with { Spec = spec });
        else await cluster.Client.CreateAsync(new V1Lease { Metadata = new V1ObjectMeta { Name = node, NamespaceProperty = "kube-node-lease" }, Spec = spec });
    }

    private async Task BeatAsync(TestCluster cluster, string name)
    {
        await RenewAsync(cluster, name);
        var node = cluster.Api.Find<V1Node>("", name)!;
        node.Metadata.ResourceVersion = null;
        node.Status.Conditions = [new V1NodeCondition { Type = "Ready", Status = "True", LastHeartbeatTime = _clock.GetUtcNow().UtcDateTime, LastTransitionTime = _clock.GetUtcNow().UtcDateTime }];
        await cluster.Client.UpdateAsync(node, "status");
    }

    private static string Ready(TestCluster cluster, string node) => Ready(cluster.Api.Find<V1Node>("", node)!);

    private static string Ready(V1Node node) => node.Status.Conditions.Single(c => c.Type == "Ready").Status;

    private static bool Serves(V1EndpointSlice slice, string node) => (slice.Endpoints ?? []).Any(endpoint => endpoint.NodeName == node && endpoint.Conditions.Serving == true);

    private static T Parse<T>(WatchEvent change) => KubernetesJson.Deserialize<T>(Encoding.UTF8.GetString(change.Object.Span));

    private static long VersionOf(IMetadata<V1ObjectMeta> item) => long.Parse(item.Metadata.ResourceVersion, CultureInfo.InvariantCulture);

    private static List<string> Taints(TestCluster cluster, string node) => [.. (cluster.Api.Find<V1Node>("", node)!.Spec.Taints ?? []).Select(t => $"{t.Key}:{t.Effect}")];
}
