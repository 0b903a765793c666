using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>DaemonSets with all controllers together: what a user would see.</summary>
public class DaemonSetTests : PatientTestKit
{
    private static readonly string[] Workers = ["worker-1", "worker-2", "worker-3"];

    private static async Task<TestCluster> StartWithAsync(Akka.Actor.ActorSystem system, V1DaemonSet set, int nodes = 3)
    {
        var cluster = await TestCluster.StartAsync(system, nodes);
        await cluster.Client.CreateAsync(Make.Unsaved(set));
        return cluster;
    }

    private static bool IsComplete(TestCluster cluster, int nodes, string image = "nginx:1") =>
        cluster.Api.Find<V1DaemonSet>("default", "logger") is { Status: { } status } set && status.ObservedGeneration == set.Metadata.Generation
        && (status.DesiredNumberScheduled, status.CurrentNumberScheduled, status.NumberReady) == (nodes, nodes, nodes)
        && (status.NumberAvailable ?? 0, status.UpdatedNumberScheduled ?? 0, status.NumberUnavailable ?? 0, status.NumberMisscheduled) == (nodes, nodes, 0, 0)
        && cluster.Pods("app=logger").Count == nodes && cluster.Pods("app=logger").All(pod => pod.Spec.Containers[0].Image == image);

    private static Task<V1DaemonSet?> PatchAsync(TestCluster cluster, string patch) => cluster.Client.PatchAsync<V1DaemonSet>("default", "logger", JsonNode.Parse(patch)!);

    private static Task<V1DaemonSet?> SetImageAsync(TestCluster cluster, string image) =>
        PatchAsync(cluster, """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"?"}]}}}}""".Replace("?", image, StringComparison.Ordinal));

    private static Task<V1Node?> TaintAsync(TestCluster cluster, string node, string effect) =>
        cluster.Client.PatchAsync<V1Node>("", node, JsonNode.Parse("""{"spec":{"taints":[{"key":"busy","effect":"?"}]}}""".Replace("?", effect, StringComparison.Ordinal))!);

    [Fact]
    public async Task Every_node_gets_one_pod_and_so_does_a_node_that_comes_later()
    {
        await using var cluster = await StartWithAsync(Sys, Make.DaemonSet("logger"));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3));
        cluster.Pods("app=logger").Select(pod => pod.Spec.NodeName).Order().ShouldBe(Workers);
        await cluster.AddNodeAsync(4);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 4));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Count(e => e.Reason == "SuccessfulCreate" && e.InvolvedObject.Kind == "DaemonSet") == 4);
        cluster.Api.Find<V1DaemonSet>("default", "logger")!.Metadata.Annotations["deprecated.daemonset.template.generation"].ShouldBe("1");
    }

    [Fact]
    public async Task Only_nodes_that_the_template_selects_get_a_pod_and_lose_it_with_their_label()
    {
        var set = Make.DaemonSet("logger");
        set.Spec.Template.Spec.NodeSelector = Make.Labels("disk=ssd");
        await using var cluster = await StartWithAsync(Sys, set);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 0));
        await cluster.Client.PatchAsync<V1Node>("", "worker-2", JsonNode.Parse("""{"metadata":{"labels":{"disk":"ssd"}}}""")!);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 1));
        cluster.Pods("app=logger")[0].Spec.NodeName.ShouldBe("worker-2");
        await cluster.Client.PatchAsync<V1Node>("", "worker-2", JsonNode.Parse("""{"metadata":{"labels":{"disk":null}}}""")!);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 0));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "SuccessfulDelete" && e.Message.StartsWith("Deleted pod: logger-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_taint_that_repels_leaves_the_pod_as_misscheduled_and_one_that_evicts_takes_it()
    {
        await using var cluster = await StartWithAsync(Sys, Make.DaemonSet("logger"));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3));
        await TaintAsync(cluster, "worker-1", "NoSchedule");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1DaemonSet>("default", "logger")!.Status is { NumberMisscheduled: 1, DesiredNumberScheduled: 2 });
        cluster.Pods("app=logger").Count.ShouldBe(3);
        await TaintAsync(cluster, "worker-1", "NoExecute");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
    }

    [Fact]
    public async Task A_cordoned_node_keeps_and_gets_daemon_pods()
    {
        await using var cluster = await StartWithAsync(Sys, Make.DaemonSet("logger"), nodes: 2);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        await cluster.Client.PatchAsync<V1Node>("", "worker-1", JsonNode.Parse("""{"spec":{"unschedulable":true}}""")!);
        var doomed = cluster.Pods("app=logger").First(pod => pod.Spec.NodeName == "worker-1");
        await cluster.Client.DeleteAsync<V1Pod>("default", doomed.Metadata.Name);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2) && cluster.Pods("app=logger").All(pod => pod.Metadata.Uid != doomed.Metadata.Uid));
    }

    [Fact]
    public async Task A_rollout_keeps_all_but_maxUnavailable_and_leaves_a_revision_to_go_back_to()
    {
        await using var cluster = await StartWithAsync(Sys, Make.DaemonSet("logger"));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3));
        var deleting = 0;
        cluster.Api.Changed += (resource, _) =>
        {
            // Whatever else is seen: of the pods that were ready, never two are on their way out at a time.
            if (resource.Plural == "pods") deleting = Math.Max(deleting, cluster.Pods("app=logger").Count(pod => pod.Metadata.DeletionTimestamp is not null));
        };
        await SetImageAsync(cluster, "nginx:2");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3, "nginx:2"));
        deleting.ShouldBe(1);
        var revisions = cluster.Api.List<V1ControllerRevision>().OrderBy(revision => revision.Revision).ToList();
        revisions.Select(revision => revision.Revision).ShouldBe([1L, 2L]);
        cluster.Pods("app=logger").ShouldAllBe(pod => pod.Metadata.Labels["controller-revision-hash"] == revisions[1].Metadata.Labels["controller-revision-hash"]
            && pod.Metadata.Labels["pod-template-generation"] == "2");

        // What kubectl rollout undo sends.
        var back = JsonNode.Parse(k8s.KubernetesJson.Serialize(revisions[0].Data))!;
        await cluster.Client.PatchAsync<V1DaemonSet>("default", "logger", back, type: PatchType.Strategic);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3, "nginx:1"));
        cluster.Api.List<V1ControllerRevision>().OrderBy(revision => revision.Revision).Select(revision => (revision.Metadata.Name, revision.Revision))
            .ShouldBe([(revisions[1].Metadata.Name, 2), (revisions[0].Metadata.Name, 3)]);
    }

    [Fact]
    public async Task A_rollout_with_surge_never_takes_a_node_without_a_pod()
    {
        await using var cluster = await StartWithAsync(Sys, Make.DaemonSet("logger", surge: "1", unavailable: "0"));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3));
        var fewest = 3;
        cluster.Api.Changed += (resource, _) =>
        {
            if (resource.Plural == "pods")
            {
                fewest = Math.Min(fewest, cluster.Pods("app=logger").Where(pod => pod.Status.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") == true)
                    .Select(pod => pod.Spec.NodeName).Distinct().Count());
            }
        };
        await SetImageAsync(cluster, "nginx:2");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 3, "nginx:2"));
        fewest.ShouldBe(3);
    }

    [Fact]
    public async Task With_OnDelete_pods_change_when_someone_deletes_them()
    {
        await using var cluster = await StartWithAsync(Sys, Make.DaemonSet("logger", strategy: "OnDelete"), nodes: 2);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        await SetImageAsync(cluster, "nginx:2");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1DaemonSet>("default", "logger")!.Status is { ObservedGeneration: 2, UpdatedNumberScheduled: null or 0 });
        cluster.Pods("app=logger").ShouldAllBe(pod => pod.Spec.Containers[0].Image == "nginx:1");
        await cluster.Client.DeleteAsync<V1Pod>("default", cluster.Pods("app=logger")[0].Metadata.Name);
        await cluster.Api.UntilAsync(() => cluster.Pods("app=logger").Select(pod => pod.Spec.Containers[0].Image).Order().SequenceEqual(["nginx:1", "nginx:2"]));
    }

    [Fact]
    public async Task A_failed_pod_is_replaced_with_an_event()
    {
        await using var cluster = await StartWithAsync(Sys, Make.DaemonSet("logger"), nodes: 2);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        var failed = cluster.Pods("app=logger")[0];
        await cluster.Client.PatchAsync<V1Pod>("default", failed.Metadata.Name, JsonNode.Parse("""{"status":{"phase":"Failed"}}""")!, "status");
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2) && cluster.Pods("app=logger").All(pod => pod.Metadata.Uid != failed.Metadata.Uid));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Type == "Warning" && e.Reason == "FailedDaemonPod"
            && e.Message == $"Found failed daemon pod default/{failed.Metadata.Name} on node {failed.Spec.NodeName}, will try to kill it"));
    }

    [Fact]
    public async Task Old_revisions_beyond_the_limit_go()
    {
        var set = Make.DaemonSet("logger");
        set.Spec.RevisionHistoryLimit = 1;
        await using var cluster = await StartWithAsync(Sys, set, nodes: 1);
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 1));
        foreach (var image in (string[])["nginx:2", "nginx:3", "nginx:4"])
        {
            await SetImageAsync(cluster, image);
            await cluster.Api.UntilAsync(() => IsComplete(cluster, 1, image));
        }

        await cluster.Api.UntilAsync(() => cluster.Api.List<V1ControllerRevision>().Select(revision => revision.Revision).Order().SequenceEqual([3L, 4L]));
    }

    [Fact]
    public async Task A_deleted_set_takes_its_pods_and_revisions_with_it_and_orphans_are_adopted_by_the_next()
    {
        var clock = new LateClock();
        await using var cluster = await TestCluster.StartAsync(Sys, 2, clock);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.DaemonSet("logger")));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        var uids = cluster.Pods("app=logger").Select(pod => pod.Metadata.Uid).Order().ToList();
        await cluster.Client.DeleteAsync<V1DaemonSet>("default", "logger", new DeleteOptions(PropagationPolicy: "Orphan"));
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1DaemonSet>("default", "logger") is null);
        // The controller may hear of the next set before it hears that the pods are orphans; then it makes some, and of two on a node the older stays.
        clock.Late = TimeSpan.FromMinutes(1);
        await cluster.Client.CreateAsync(Make.Unsaved(Make.DaemonSet("logger")));
        await cluster.Api.UntilAsync(() => IsComplete(cluster, 2));
        cluster.Pods("app=logger").Select(pod => pod.Metadata.Uid).Order().ShouldBe(uids);
        await cluster.Api.UntilAsync(() => cluster.Api.List<V1ControllerRevision>().Single().Metadata.OwnerReferences is [{ Kind: "DaemonSet" } owner]
            && owner.Uid == cluster.Api.Find<V1DaemonSet>("default", "logger")!.Metadata.Uid);
        await cluster.Client.DeleteAsync<V1DaemonSet>("default", "logger", new DeleteOptions(PropagationPolicy: "Background"));
        await cluster.Api.UntilAsync(() => cluster.Pods("app=logger").Count == 0 && cluster.Api.List<V1ControllerRevision>().Count == 0);
    }

    /// <summary>The system's clock, as much later as is wanted.</summary>
    private sealed class LateClock : TimeProvider
    {
        public TimeSpan Late { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Late;
    }
}
