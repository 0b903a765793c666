using System.Text.Json.Nodes;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>Claims and volumes with all controllers together: what a user would see.</summary>
public class VolumeTests : PatientTestKit
{
    private const string Wait = "WaitForFirstConsumer";

    private static V1PersistentVolumeClaim? Claim(TestCluster cluster, string name = "c") => cluster.Api.Find<V1PersistentVolumeClaim>("default", name);

    private static V1PersistentVolume? VolumeOf(TestCluster cluster, string claim = "c") =>
        cluster.Api.List<V1PersistentVolume>().FirstOrDefault(volume => volume.Spec.ClaimRef?.Name == claim);

    private static bool HasEvent(TestCluster cluster, string reason, string message) => cluster.Api.List<Corev1Event>().Any(item => item.Reason == reason && item.Message == message);

    private static async Task<TestCluster> StartAsync(Akka.Actor.ActorSystem system, string binding = Wait, int nodes = 2, bool growing = false)
    {
        var cluster = await TestCluster.StartAsync(system, nodes);
        await cluster.Client.CreateAsync(MakeVolume.Class("standard", binding, growing: growing));
        return cluster;
    }

    [Fact]
    public async Task A_claim_waits_for_its_first_pod_gets_a_volume_on_that_pods_node_and_stays_until_the_pod_is_gone()
    {
        await using var cluster = await StartAsync(Sys);
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", storageClass: "standard")));
        await cluster.Api.UntilAsync(() => HasEvent(cluster, "WaitForFirstConsumer", "waiting for first consumer to be created before binding"));
        VolumeOf(cluster).ShouldBeNull();

        await cluster.Client.CreateAsync(MakeVolume.Pod("web", "c"));
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "web")?.Status?.Phase == "Running" && Claim(cluster)?.Status?.Phase == "Bound");
        var node = cluster.Api.Find<V1Pod>("default", "web")!.Spec.NodeName;
        var volume = VolumeOf(cluster)!;
        (Claim(cluster)!.Status.Phase, Claim(cluster)!.Spec.VolumeName, Claim(cluster)!.Status.Capacity["storage"].ToString()).ShouldBe(("Bound", volume.Metadata.Name, "1Gi"));
        (volume.Metadata.Name, volume.Status.Phase, volume.Spec.StorageClassName).ShouldBe(($"pvc-{Claim(cluster)!.Metadata.Uid}", "Bound", "standard"));
        volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values.ShouldBe([node]);
        await cluster.Api.UntilAsync(() => HasEvent(cluster, "ProvisioningSucceeded", $"Successfully provisioned volume {volume.Metadata.Name}"));

        await cluster.Client.DeleteAsync<V1PersistentVolumeClaim>("default", "c");
        await cluster.Api.UntilAsync(() => Claim(cluster)?.Metadata.DeletionTimestamp is not null);
        await cluster.Client.DeleteAsync<V1Pod>("default", "web");
        await cluster.Api.UntilAsync(() => Claim(cluster) is null && cluster.Api.List<V1PersistentVolume>().Count == 0);
    }

    [Fact]
    public async Task A_claim_that_need_not_wait_is_bound_at_once_and_pods_follow_their_volume()
    {
        await using var cluster = await StartAsync(Sys, "Immediate");
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", storageClass: "standard")));
        await cluster.Api.UntilAsync(() => Claim(cluster)?.Status?.Phase == "Bound");
        foreach (var name in (string[])["one", "two", "three"]) await cluster.Client.CreateAsync(MakeVolume.Pod(name, "c"));
        await cluster.Api.UntilAsync(() => cluster.Api.List<V1Pod>().Count(pod => pod.Status?.Phase == "Running") == 3);
        cluster.Api.List<V1Pod>().Select(pod => pod.Spec.NodeName).Distinct().ShouldBe(["worker-1"]);
    }

    [Fact]
    public async Task A_claim_that_comes_before_any_node_gets_its_volume_when_there_is_one()
    {
        await using var cluster = await StartAsync(Sys, "Immediate", nodes: 0);
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", storageClass: "standard")));
        await cluster.Api.UntilAsync(() => HasEvent(cluster, "ProvisioningFailed", "failed to provision volume with StorageClass \"standard\": configuration error, no node was specified"));
        await cluster.AddNodeAsync(1);
        await cluster.Api.UntilAsync(() => Claim(cluster)?.Status?.Phase == "Bound");
    }

    [Theory]
    [InlineData("storageclass.kubernetes.io/is-default-class")]
    [InlineData("storageclass.beta.kubernetes.io/is-default-class")]
    public async Task A_claim_without_a_class_gets_the_default_one_when_there_is_one(string annotation)
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", storageClass: null)));
        await cluster.Api.UntilAsync(() => HasEvent(cluster, "FailedBinding", "no persistent volumes available for this claim and no storage class is set"));
        var standard = MakeVolume.Class("standard", "Immediate");
        standard.Metadata.Annotations = new Dictionary<string, string> { [annotation] = "true" };
        await cluster.Client.CreateAsync(standard);
        await cluster.Api.UntilAsync(() => Claim(cluster) is { Status.Phase: "Bound", Spec.StorageClassName: "standard" });
    }

    [Fact]
    public async Task A_volume_that_was_there_is_bound_and_kept_when_its_claim_is_gone()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", "2Gi")));
        await cluster.Api.UntilAsync(() => HasEvent(cluster, "FailedBinding", "no persistent volumes available for this claim and no storage class is set"));
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Volume("disk", "5Gi")));
        await cluster.Api.UntilAsync(() => Claim(cluster) is { Status.Phase: "Bound", Spec.VolumeName: "disk" } && VolumeOf(cluster)?.Status.Phase == "Bound");
        Claim(cluster)!.Status.Capacity["storage"].ToString().ShouldBe("5Gi");

        await cluster.Client.DeleteAsync<V1PersistentVolumeClaim>("default", "c");
        await cluster.Api.UntilAsync(() => Claim(cluster) is null && cluster.Api.Find<V1PersistentVolume>("", "disk")?.Status.Phase == "Released");
    }

    [Fact]
    public async Task A_pod_without_its_claim_or_beyond_its_volumes_node_says_why_it_waits()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(MakeVolume.Pod("web", "c"));
        await cluster.Api.UntilAsync(() => HasEvent(cluster, "FailedScheduling",
            "0/1 nodes are available: persistentvolumeclaim \"c\" not found. not found"));
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Volume("disk", node: "elsewhere")));
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c")));
        await cluster.Api.UntilAsync(() => HasEvent(cluster, "FailedScheduling",
            "0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."));
    }

    [Fact]
    public async Task A_claim_for_one_pod_is_its_alone_and_the_next_one_s_when_it_has_gone()
    {
        await using var cluster = await StartAsync(Sys, "Immediate");
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", storageClass: "standard", mode: "ReadWriteOncePod")));
        await cluster.Client.CreateAsync(MakeVolume.Pod("first", "c"));
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "first")?.Status?.Phase == "Running");

        await cluster.Client.CreateAsync(MakeVolume.Pod("second", "c"));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(item => item.Reason == "FailedScheduling" && item.InvolvedObject.Name == "second"
            && item.Message.Contains("node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod", StringComparison.Ordinal)));
        cluster.Api.Find<V1Pod>("default", "second")!.Spec.NodeName.ShouldBeNullOrEmpty();

        await cluster.Client.DeleteAsync<V1Pod>("default", "first");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "second")?.Status?.Phase == "Running");
    }

    [Fact]
    public async Task A_pod_whose_claims_are_not_bound_yet_keeps_its_room()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        // Nobody makes the volume until the test does.
        await cluster.Client.CreateAsync(MakeVolume.Class("slow", Wait) with { Provisioner = "example.com/slow" });
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", storageClass: "slow")));
        var waiting = MakeVolume.Pod("waiting", "c");
        waiting.Spec.Containers[0].Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("3") } };
        await cluster.Client.CreateAsync(waiting);
        await cluster.Api.UntilAsync(() => Claim(cluster)?.Metadata.Annotations?.ContainsKey("volume.kubernetes.io/selected-node") == true);

        await cluster.Client.CreateAsync(Make.Unsaved(Make.Pod("other", cpu: "2")) with { Status = null });
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(item => item.Reason == "FailedScheduling" && item.InvolvedObject.Name == "other"));

        var volume = Make.Unsaved(MakeVolume.Volume("made", storageClass: "slow", node: "worker-1"));
        volume.Spec.ClaimRef = new V1ObjectReference { ApiVersion = "v1", Kind = "PersistentVolumeClaim", NamespaceProperty = "default", Name = "c", Uid = Claim(cluster)!.Metadata.Uid };
        await cluster.Client.CreateAsync(volume);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "waiting")?.Status?.Phase == "Running");
        cluster.Api.Find<V1Pod>("default", "other")!.Spec.NodeName.ShouldBeNullOrEmpty();
    }

    [Fact]
    public async Task A_claim_grows_where_its_class_allows_that()
    {
        await using var cluster = await StartAsync(Sys, "Immediate", growing: true);
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c", storageClass: "standard")));
        await cluster.Api.UntilAsync(() => Claim(cluster)?.Status?.Phase == "Bound");
        await cluster.Client.PatchAsync<V1PersistentVolumeClaim>("default", "c", JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"3Gi"}}}}""")!);
        await cluster.Api.UntilAsync(() => Claim(cluster)!.Status.Capacity["storage"].ToString() == "3Gi" && VolumeOf(cluster)!.Spec.Capacity["storage"].ToString() == "3Gi");
    }

    [Fact]
    public async Task A_claim_whose_volume_is_gone_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Volume("disk")));
        await cluster.Client.CreateAsync(Make.Unsaved(MakeVolume.Claim("c")));
        await cluster.Api.UntilAsync(() => Claim(cluster)?.Status?.Phase == "Bound");
        await cluster.Client.PatchAsync<V1PersistentVolume>("", "disk", JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!);
        await cluster.Client.DeleteAsync<V1PersistentVolume>("", "disk");
        await cluster.Api.UntilAsync(() => Claim(cluster)?.Status?.Phase == "Lost" && HasEvent(cluster, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"));
    }

    [Fact]
    public async Task An_ephemeral_volume_has_a_claim_of_its_own_that_goes_with_its_pod()
    {
        await using var cluster = await StartAsync(Sys);
        var pod = Make.Unsaved(Make.Pod("web"));
        pod.Spec = pod.Spec with
        {
            Volumes = [new V1Volume { Name = "scratch", Ephemeral = new V1EphemeralVolumeSource { VolumeClaimTemplate = new V1PersistentVolumeClaimTemplate { Spec = MakeVolume.Claim("x", storageClass: "standard").Spec } } }],
        };
        await cluster.Client.CreateAsync(pod);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "web")?.Status?.Phase == "Running" && Claim(cluster, "web-scratch")?.Status?.Phase == "Bound");
        await cluster.Client.DeleteAsync<V1Pod>("default", "web");
        await cluster.Api.UntilAsync(() => Claim(cluster, "web-scratch") is null && cluster.Api.List<V1PersistentVolume>().Count == 0);
    }

    [Theory]
    [InlineData("Retain", "Retain")]
    [InlineData("Retain", "Delete")]
    [InlineData("Delete", "Retain")]
    public async Task The_claims_of_a_StatefulSet_are_kept_or_go_as_it_says(string whenDeleted, string whenScaled)
    {
        await using var cluster = await StartAsync(Sys);
        var set = Make.Unsaved(Make.StatefulSet("db", 2));
        set.Spec.VolumeClaimTemplates = [new V1PersistentVolumeClaim { Metadata = new V1ObjectMeta { Name = "data" }, Spec = MakeVolume.Claim("x", storageClass: "standard").Spec }];
        set.Spec.PersistentVolumeClaimRetentionPolicy = new V1StatefulSetPersistentVolumeClaimRetentionPolicy { WhenDeleted = whenDeleted, WhenScaled = whenScaled };
        await cluster.Client.CreateAsync(set);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1StatefulSet>("default", "db")?.Status is { ReadyReplicas: 2 });
        var first = Claim(cluster, "data-db-1")!.Metadata.Uid;
        cluster.Api.Find<V1Pod>("default", "db-1")!.Spec.Volumes.Single(volume => volume.Name == "data").PersistentVolumeClaim.ClaimName.ShouldBe("data-db-1");

        await cluster.Client.PatchAsync<V1StatefulSet>("default", "db", JsonNode.Parse("""{"spec":{"replicas":1}}""")!);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "db-1") is null && (whenScaled == "Retain" || Claim(cluster, "data-db-1") is null));
        await cluster.Client.PatchAsync<V1StatefulSet>("default", "db", JsonNode.Parse("""{"spec":{"replicas":2}}""")!);
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1StatefulSet>("default", "db")?.Status is { ReadyReplicas: 2 } && Claim(cluster, "data-db-1")?.Status?.Phase == "Bound");
        (Claim(cluster, "data-db-1")!.Metadata.Uid == first).ShouldBe(whenScaled == "Retain");

        await cluster.Client.DeleteAsync<V1StatefulSet>("default", "db");
        await cluster.Api.UntilAsync(() => cluster.Pods("app=db").Count == 0 && (whenDeleted == "Retain" || Claim(cluster, "data-db-0") is null));
        (Claim(cluster, "data-db-0") is null).ShouldBe(whenDeleted == "Delete");
    }
}
