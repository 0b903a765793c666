using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>All controllers together: what a user would see.</summary>
public class WorkloadTests : PatientTestKit
{
    private static V1Deployment New(V1Deployment deployment)
    {
        deployment.Metadata.ResourceVersion = deployment.Metadata.Uid = null;
        deployment.Status = null;
        return deployment;
    }

    private static void Unsaved(V1Pod pod)
    {
        pod.Metadata.Uid = pod.Metadata.ResourceVersion = null;
        pod.Metadata.CreationTimestamp = null;
        pod.Status = null;
    }

    private static bool IsComplete(TestCluster cluster, string name, int replicas) =>
        cluster.Api.Find<V1Deployment>("default", name)?.Status is { } status
        && status.AvailableReplicas == replicas && status.UpdatedReplicas == replicas && status.Replicas == replicas;

    [Fact]
    public async Task A_deployment_gets_its_pods_spread_over_the_nodes_and_a_service_finds_them()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 3);
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 6)));
        await cluster.Client.CreateAsync(new V1Service
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" },
            Spec = Make.Service("web", "app=web", clusterIp: "").Spec,
        });
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 6));
        cluster.Pods("app=web").GroupBy(p => p.Spec.NodeName).Select(g => g.Count()).ShouldBe([2, 2, 2]);
        await cluster.Api.UntilAsync(() => cluster.ReadyEndpoints("web") == 6);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Endpoints>("default", "web")?.Subsets?.Sum(s => s.Addresses?.Count ?? 0) == 6);
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "ScalingReplicaSet" && e.Message.EndsWith("from 0 to 6", StringComparison.Ordinal)));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "Scheduled" && e.Message.StartsWith("Successfully assigned default/web-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_rollout_replaces_every_pod_keeps_the_old_replica_set_and_counts_revisions()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 4)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 4));
        // As upstream's own tests count: what the replica sets want. A replica set that was told to shrink may not have deleted its pod yet
        // when another that was told to grow has made one.
        var most = 0;
        cluster.Api.Changed += (resource, _) =>
        {
            if (resource.Plural == "replicasets") most = Math.Max(most, cluster.Api.List<V1ReplicaSet>().Sum(set => set.Spec.Replicas ?? 0));
        };
        var patch = JsonNode.Parse("""{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"nginx:2"}]}}}}""")!;
        await cluster.Client.PatchAsync<V1Deployment>("default", "web", patch);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 4) && cluster.Pods("app=web").All(p => p.Spec.Containers[0].Image == "nginx:2"));
        most.ShouldBeLessThanOrEqualTo(5);
        cluster.Api.List<V1ReplicaSet>().Select(s => s.Spec.Replicas).Order().ShouldBe([0, 4]);
        cluster.Api.Find<V1Deployment>("default", "web")!.Metadata.Annotations["deployment.kubernetes.io/revision"].ShouldBe("2");
    }

    [Fact]
    public async Task Scaling_creates_and_deletes_exactly_what_is_needed()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 50)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 50));
        cluster.Api.Writes.Count(w => w.Verb == ApiVerb.Create && w.Resource.Plural == "pods" && w.Subresource.Length == 0).ShouldBe(50);
        await cluster.Client.PatchAsync<V1Deployment>("default", "web", JsonNode.Parse("""{"spec":{"replicas":20}}""")!);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 20) && cluster.Pods("app=web").Count == 20);
        cluster.Api.Writes.Count(w => w.Verb == ApiVerb.Delete && w.Resource.Plural == "pods" && w.EffectiveOptions.GracePeriodSeconds is null).ShouldBe(30);
    }

    [Fact]
    public async Task Controllers_that_were_restarted_go_on_where_the_objects_are()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 3)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 3));
        await cluster.StopControllersAsync();
        await cluster.Client.DeleteAsync<V1Pod>("default", cluster.Pods("app=web")[0].Metadata.Name, new DeleteOptions(GracePeriodSeconds: 0));
        await cluster.Client.PatchAsync<V1Deployment>("default", "web", JsonNode.Parse("""{"spec":{"replicas":5}}""")!);
        await cluster.StartControllersAsync();
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 5));
        cluster.Api.List<V1ReplicaSet>().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_pod_that_fits_nowhere_says_why_and_is_placed_as_soon_as_there_is_room()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var pod = Make.Pod("big", cpu: "6");
        Unsaved(pod);
        await cluster.Client.CreateAsync(pod);
        await cluster.Api.UntilAsync(() => cluster.Pods()[0].Status.Conditions?.Any(c => c.Type == "PodScheduled" && c.Status == "False" && c.Reason == "Unschedulable"
            && c.Message.StartsWith("0/1 nodes are available: 1 Insufficient cpu.", StringComparison.Ordinal)) == true);
        await cluster.AddNodeAsync(9, cpu: "8");
        await cluster.Api.UntilAsync(() => cluster.Pods()[0].Spec.NodeName == "worker-9");
    }

    [Fact]
    public async Task A_deleted_deployment_takes_its_replica_sets_and_pods_with_it()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 3)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 3));
        await cluster.Client.DeleteAsync<V1Deployment>("default", "web", new DeleteOptions(PropagationPolicy: "Background"));
        await cluster.Api.UntilAsync(() => cluster.Pods().Count == 0 && cluster.Api.List<V1ReplicaSet>().Count == 0);
    }

    [Fact]
    public async Task In_the_foreground_the_owner_goes_last()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 3)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 3));
        ConcurrentQueue<(long Revision, string Resource)> gone = [];
        cluster.Api.Changed += (resource, change) =>
        {
            if (change.Type == WatchEventType.Deleted && resource.Plural is ("pods" or "replicasets" or "deployments"))
            {
                var revision = JsonNode.Parse(change.Object.Span)!["metadata"]!["resourceVersion"]!.GetValue<string>();
                gone.Enqueue((long.Parse(revision, CultureInfo.InvariantCulture), resource.Plural));
            }
        };
        await cluster.Client.DeleteAsync<V1Deployment>("default", "web", new DeleteOptions(PropagationPolicy: "Foreground"));
        await cluster.Api.UntilAsync(() => gone.Count == 5);
        gone.OrderBy(item => item.Revision).Select(item => item.Resource).ShouldBe(["pods", "pods", "pods", "replicasets", "deployments"]);
    }

    [Fact]
    public async Task Orphans_are_left_behind_without_an_owner()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 2)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 2));
        await cluster.Client.DeleteAsync<V1Deployment>("default", "web", new DeleteOptions(PropagationPolicy: "Orphan"));
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Deployment>("default", "web") is null);
        cluster.Api.List<V1ReplicaSet>().ShouldHaveSingleItem().Metadata.OwnerReferences.ShouldBeNull();
        cluster.Pods("app=web").Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_namespace_has_its_account_and_certificate_and_takes_everything_with_it()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "team" } });
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1ServiceAccount>("team", "default") is not null);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1ConfigMap>("team", "kube-root-ca.crt")?.Data["ca.crt"] == "-----BEGIN CERTIFICATE-----");
        var pod = Make.Pod("p");
        pod.Metadata.NamespaceProperty = "team";
        Unsaved(pod);
        await cluster.Client.CreateAsync(pod);
        await cluster.Api.UntilAsync(() => cluster.Pods().Any(p => p.Spec.NodeName is not null));
        await cluster.Client.DeleteAsync<V1Namespace>("", "team");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Namespace>("", "team") is null);
        cluster.Api.List<V1ConfigMap>().ShouldAllBe(m => m.Metadata.NamespaceProperty != "team");
        cluster.Pods().ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_node_has_a_block_of_addresses_of_its_own_also_after_a_restart()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 3);
        await cluster.Api.UntilAsync(() => cluster.Api.List<V1Node>().All(n => n.Spec.PodCIDR is not null));
        cluster.Api.List<V1Node>().Select(n => n.Spec.PodCIDR).Order().ShouldBe(["10.244.1.0/24", "10.244.2.0/24", "10.244.3.0/24"]);
        cluster.Api.List<V1Node>().OrderBy(n => n.Spec.PodCIDR).Select(n => string.Join(' ', n.Spec.PodCIDRs)).ShouldBe(
            ["10.244.1.0/24 fd00:10:244:1::/64", "10.244.2.0/24 fd00:10:244:2::/64", "10.244.3.0/24 fd00:10:244:3::/64"]);
        await cluster.StopControllersAsync();
        await cluster.AddNodeAsync(4);
        await cluster.StartControllersAsync();
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Node>("", "worker-4")!.Spec.PodCIDR == "10.244.4.0/24");
    }

    [Fact]
    public async Task A_server_that_refuses_is_asked_again()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var refusals = 3;
        cluster.Api.Intercept = request => request is { Verb: ApiVerb.Create, Subresource: "", Resource.Plural: "pods" } && Interlocked.Decrement(ref refusals) >= 0
            ? ObservedApi.Refusal(500, "InternalError", "try again")
            : null;
        await cluster.Client.CreateAsync(New(Make.Deployment("web", 2)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, "web", 2));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "FailedCreate" && e.Message == "Error creating: try again"));
        cluster.Pods("app=web").Count.ShouldBe(2);
    }

    [Fact]
    public async Task Objects_that_own_each_other_in_a_circle_are_deleted_all_when_one_is()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        string[] names = ["a", "b", "c"];
        foreach (var name in names) await cluster.Client.CreateAsync(Make.Unsaved(Make.Pod(name)));
        for (var i = 0; i < names.Length; i++)
        {
            var owner = cluster.Api.Find<V1Pod>("default", names[(i + 2) % 3])!;
            var reference = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = owner.Metadata.Name, ["uid"] = owner.Metadata.Uid, ["controller"] = true, ["blockOwnerDeletion"] = true };
            await cluster.Client.PatchAsync<V1Pod>("default", names[i], new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray(reference) } });
        }
        await cluster.Client.DeleteAsync<V1Pod>("default", "a", new DeleteOptions(PropagationPolicy: "Foreground"));
        await cluster.Api.UntilAsync(() => cluster.Api.List<V1Pod>().Count == 0);
    }
}
