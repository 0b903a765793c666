using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>StatefulSets with all controllers together: what a user would see.</summary>
public class StatefulSetTests : PatientTestKit
{
    private static async Task<TestCluster> StartWithAsync(Akka.Actor.ActorSystem system, V1StatefulSet set)
    {
        var cluster = await TestCluster.StartAsync(system, nodes: 2);
        await cluster.Client.CreateAsync(Make.Unsaved(set));
        return cluster;
    }

    private static V1StatefulSetStatus StatusOf(TestCluster cluster) => cluster.Api.Find<V1StatefulSet>("default", "db")?.Status ?? new V1StatefulSetStatus();

    private static bool IsComplete(TestCluster cluster, int replicas, string image = "nginx:1") =>
        cluster.Api.Find<V1StatefulSet>("default", "db") is { Status: { } status } set && status.ObservedGeneration == set.Metadata.Generation
        && (status.Replicas, status.ReadyReplicas ?? 0, status.AvailableReplicas ?? 0, status.UpdatedReplicas ?? 0) == (replicas, replicas, replicas, replicas)
        && status.CurrentRevision == status.UpdateRevision && Images(cluster).SequenceEqual(Enumerable.Repeat(image, replicas));

    private static IEnumerable<string> Names(TestCluster cluster) => cluster.Pods("app=db").Select(pod => pod.Metadata.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Images(TestCluster cluster) =>
        cluster.Pods("app=db").OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal).Select(pod => pod.Spec.Containers[0].Image);

    private static Task<V1StatefulSet?> PatchAsync(TestCluster cluster, string patch) => cluster.Client.PatchAsync<V1StatefulSet>("default", "db", JsonNode.Parse(patch)!);

    private static Task<V1StatefulSet?> SetImageAsync(TestCluster cluster, string image) =>
        PatchAsync(cluster, """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"?"}]}}}}""".Replace("?", image, StringComparison.Ordinal));

    /// <summary>What becomes of pods, in the order in which it happens.</summary>
    private static ConcurrentQueue<string> Follow(TestCluster cluster)
    {
        ConcurrentQueue<string> seen = [];
        cluster.Api.Changed += (resource, change) =>
        {
            if (resource.Plural != "pods" || change.Type is not (WatchEventType.Added or WatchEventType.Deleted)) return;
            var name = JsonNode.Parse(change.Object.Span)!["metadata"]!["name"]!.GetValue<string>();
            if (name.StartsWith("db-", StringComparison.Ordinal)) seen.Enqueue((change.Type == WatchEventType.Added ? "+" : "-") + name);
        };
        return seen;
    }

    [Fact]
    public async Task Pods_come_in_order_and_go_in_reverse_with_events()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        var seen = Follow(cluster);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.StatefulSet("db", 3)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3));
        await PatchAsync(cluster, """{"spec":{"replicas":1}}""");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 1) && seen.Count >= 5); // each resource is watched by itself
        seen.ShouldBe(["+db-0", "+db-1", "+db-2", "-db-2", "-db-1"]);
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "SuccessfulCreate" && e.Message == "Create Pod db-2 in StatefulSet db successful"));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "SuccessfulDelete" && e.Message == "Delete Pod db-2 in StatefulSet db successful"));
    }

    [Fact]
    public async Task A_rollout_goes_from_the_end_and_back_to_an_earlier_revision()
    {
        await using var cluster = await StartWithAsync(Sys, Make.StatefulSet("db", 3));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3));
        var first = StatusOf(cluster).CurrentRevision;
        var seen = Follow(cluster);
        await SetImageAsync(cluster, "nginx:2");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3, "nginx:2"));
        seen.ShouldBe(["-db-2", "+db-2", "-db-1", "+db-1", "-db-0", "+db-0"]);
        var revisions = cluster.Api.List<V1ControllerRevision>().OrderBy(revision => revision.Revision).ToList();
        revisions.Select(revision => revision.Metadata.Name).ShouldBe([first, StatusOf(cluster).CurrentRevision]);
        cluster.Pods("app=db").ShouldAllBe(pod => pod.Metadata.Labels["controller-revision-hash"] == revisions[1].Metadata.Name);

        // What kubectl rollout undo sends.
        await cluster.Client.PatchAsync<V1StatefulSet>("default", "db", JsonNode.Parse(k8s.KubernetesJson.Serialize(revisions[0].Data))!, type: PatchType.Strategic);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3, "nginx:1"));
        StatusOf(cluster).CurrentRevision.ShouldBe(first);
        cluster.Api.Find<V1ControllerRevision>("default", first)!.Revision.ShouldBe(3);
    }

    [Fact]
    public async Task Below_the_partition_pods_stay_as_they_are_and_come_back_so()
    {
        await using var cluster = await StartWithAsync(Sys, Make.StatefulSet("db", 3));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3));
        await PatchAsync(cluster, """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}""");
        await SetImageAsync(cluster, "nginx:2");
        await cluster.Api.UntilAsync(() => StatusOf(cluster) is { UpdatedReplicas: 1, CurrentReplicas: 2, ReadyReplicas: 3 } && Images(cluster).SequenceEqual(["nginx:1", "nginx:1", "nginx:2"]));
        var uid = cluster.Api.Find<V1Pod>("default", "db-0")!.Metadata.Uid;
        await cluster.Client.DeleteAsync<V1Pod>("default", "db-0");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "db-0") is { } pod && pod.Metadata.Uid != uid && StatusOf(cluster).ReadyReplicas == 3);
        Images(cluster).ShouldBe(["nginx:1", "nginx:1", "nginx:2"]);
        await PatchAsync(cluster, """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}""");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3, "nginx:2"));
    }

    [Fact]
    public async Task With_OnDelete_pods_change_when_someone_deletes_them()
    {
        await using var cluster = await StartWithAsync(Sys, Make.StatefulSet("db", 2, strategy: "OnDelete"));
        await cluster.Api.UntilAsync(() => StatusOf(cluster).ReadyReplicas == 2);
        await SetImageAsync(cluster, "nginx:2");
        await cluster.Api.UntilAsync(() => StatusOf(cluster) is { ObservedGeneration: 2, UpdatedReplicas: null or 0 });
        await cluster.Client.DeleteAsync<V1Pod>("default", "db-0");
        await cluster.Api.UntilAsync(() => StatusOf(cluster) is { ReadyReplicas: 2, UpdatedReplicas: 1 });
        Images(cluster).ShouldBe(["nginx:2", "nginx:1"]);
    }

    [Fact]
    public async Task In_parallel_no_pod_waits_for_another()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 0);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.StatefulSet("db", 4, policy: "Parallel")));
        await cluster.Api.UntilAsync(() => Names(cluster).SequenceEqual(["db-0", "db-1", "db-2", "db-3"]));
        StatusOf(cluster).ReadyReplicas.GetValueOrDefault().ShouldBe(0);
        await PatchAsync(cluster, """{"spec":{"replicas":1}}""");
        await cluster.Api.UntilAsync(() => Names(cluster).SequenceEqual(["db-0"]));
    }

    [Fact]
    public async Task Ordinals_move_with_their_start()
    {
        await using var cluster = await StartWithAsync(Sys, Make.StatefulSet("db", 2));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        await PatchAsync(cluster, """{"spec":{"ordinals":{"start":3}}}""");
        await cluster.Api.UntilAsync(() => Names(cluster).SequenceEqual(["db-3", "db-4"]) && StatusOf(cluster) is { Replicas: 2, ReadyReplicas: 2 });
        cluster.Pods("app=db").Select(pod => pod.Metadata.Labels["apps.kubernetes.io/pod-index"]).Order().ShouldBe(["3", "4"]);
    }

    [Fact]
    public async Task A_pod_on_a_lost_node_is_waited_for_until_it_is_gone()
    {
        await using var cluster = await StartWithAsync(Sys, Make.StatefulSet("db", 2));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        var lost = cluster.Api.Find<V1Pod>("default", "db-0")!;
        cluster.Kill(lost.Spec.NodeName);
        await cluster.Client.DeleteAsync<V1Pod>("default", "db-0");
        // The controller has looked when the status has fallen; and it has made nothing.
        await cluster.Api.UntilAsync(() => StatusOf(cluster).CurrentReplicas == 1);
        cluster.Api.Find<V1Pod>("default", "db-0")!.Metadata.Uid.ShouldBe(lost.Metadata.Uid);
        await cluster.Client.PatchAsync<V1Node>("", lost.Spec.NodeName, JsonNode.Parse("""{"spec":{"unschedulable":true}}""")!);
        // Who taints the node has seen that, and the scheduler, which sees it by the same cache.
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Node>("", lost.Spec.NodeName)!.Spec.Taints?.Any(taint => taint.Key == "node.kubernetes.io/unschedulable") == true);
        await cluster.Client.DeleteAsync<V1Pod>("default", "db-0", new DeleteOptions(GracePeriodSeconds: 0));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        cluster.Api.Find<V1Pod>("default", "db-0")!.Metadata.Uid.ShouldNotBe(lost.Metadata.Uid);
    }

    [Fact]
    public async Task A_failed_pod_is_replaced_under_its_name_and_orphans_are_adopted()
    {
        await using var cluster = await StartWithAsync(Sys, Make.StatefulSet("db", 2));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        var failed = cluster.Api.Find<V1Pod>("default", "db-1")!.Metadata.Uid;
        await cluster.Client.PatchAsync<V1Pod>("default", "db-1", JsonNode.Parse("""{"status":{"phase":"Failed"}}""")!, "status");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2) && cluster.Api.Find<V1Pod>("default", "db-1") is { } pod && pod.Metadata.Uid != failed);

        var uids = cluster.Pods("app=db").Select(pod => pod.Metadata.Uid).Order().ToList();
        await cluster.Client.DeleteAsync<V1StatefulSet>("default", "db", new DeleteOptions(PropagationPolicy: "Orphan"));
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1StatefulSet>("default", "db") is null);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.StatefulSet("db", 2)));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        cluster.Pods("app=db").Select(pod => pod.Metadata.Uid).Order().ShouldBe(uids);
        await cluster.Client.DeleteAsync<V1StatefulSet>("default", "db", new DeleteOptions(PropagationPolicy: "Background"));
        await cluster.Api.UntilAsync(() => cluster.Pods("app=db").Count == 0 && cluster.Api.List<V1ControllerRevision>().Count == 0);
    }
}
