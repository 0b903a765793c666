using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>Pods that find no node, and what becomes of them.</summary>
public class SchedulingTests : PatientTestKit
{
    private static V1Pod Pod(string name, string cpu = "", string? priority = null, string labels = "")
    {
        var pod = Make.Unsaved(Make.Pod(name, labels, cpu: cpu));
        pod.Status = null;
        pod.Spec.PriorityClassName = priority;
        return pod;
    }

    private static V1PodCondition? Condition(TestCluster cluster, string pod, string type = "PodScheduled") =>
        cluster.Api.Find<V1Pod>("default", pod)?.Status.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static bool IsOn(TestCluster cluster, string pod) => !string.IsNullOrEmpty(cluster.Api.Find<V1Pod>("default", pod)?.Spec.NodeName);

    [Fact]
    public async Task A_pod_that_fits_nowhere_says_why_and_goes_as_soon_as_there_is_room()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Pod("big", cpu: "6"));
        await cluster.Api.UntilAsync(() => Condition(cluster, "big") is { Status: "False", Reason: "Unschedulable" });
        Condition(cluster, "big")!.Message.ShouldBe(
            "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "FailedScheduling" && e.InvolvedObject.Name == "big"));

        await cluster.AddNodeAsync(2, cpu: "8");
        await cluster.Api.UntilAsync(() => IsOn(cluster, "big"));
        cluster.Api.Find<V1Pod>("default", "big")!.Spec.NodeName.ShouldBe("worker-2");
    }

    [Fact]
    public async Task A_pod_that_claims_devices_waits_for_its_claim_for_the_class_and_for_somebody_who_allocates_them()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var pod = Pod("trainer");
        pod.Spec.ResourceClaims = [new V1PodResourceClaim { Name = "gpu", ResourceClaimName = "gpu" }];
        await cluster.Client.CreateAsync(pod);
        await cluster.Client.CreateAsync(Pod("ordinary"));
        await cluster.Api.UntilAsync(() => IsOn(cluster, "ordinary"));
        Condition(cluster, "trainer").ShouldBeNull();

        var request = new V1DeviceRequest { Name = "r", Exactly = new V1ExactDeviceRequest { DeviceClassName = "gpu" } };
        await cluster.Client.CreateAsync(new Resourcev1ResourceClaim
        {
            Metadata = new V1ObjectMeta { Name = "gpu", NamespaceProperty = "default" },
            Spec = new V1ResourceClaimSpec { Devices = new V1DeviceClaim { Requests = [request] } },
        });
        await cluster.Api.UntilAsync(() => Condition(cluster, "trainer")?.Message
            == "0/1 nodes are available: request r: device class gpu does not exist. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");

        await cluster.Client.CreateAsync(new V1DeviceClass { Metadata = new V1ObjectMeta { Name = "gpu" }, Spec = new V1DeviceClassSpec() });
        await cluster.Api.UntilAsync(() => Condition(cluster, "trainer")?.Message
            == "0/1 nodes are available: 1 cannot allocate all claims. still not schedulable, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");

        var claim = (await cluster.Client.GetAsync<Resourcev1ResourceClaim>("default", "gpu"))!;
        await cluster.Client.UpdateAsync(claim with { Status = new V1ResourceClaimStatus { Allocation = new V1AllocationResult() } }, "status");
        await cluster.Api.UntilAsync(() => IsOn(cluster, "trainer"));
    }

    [Fact]
    public async Task An_important_pod_takes_the_place_of_the_least_important_ones()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        foreach (var (name, value) in ((string, int)[])[("low", 1), ("middle", 10), ("high", 100)])
            await cluster.Client.CreateAsync(new V1PriorityClass { Metadata = new V1ObjectMeta { Name = name }, Value = value });
        await cluster.Client.CreateAsync(Pod("a", cpu: "2", priority: "low"));
        await cluster.Client.CreateAsync(Pod("b", cpu: "2", priority: "middle"));
        await cluster.Api.UntilAsync(() => IsOn(cluster, "a") && IsOn(cluster, "b"));
        cluster.Kill("worker-1");

        await cluster.Client.CreateAsync(Pod("vip", cpu: "2", priority: "high"));
        await cluster.Api.UntilAsync(() => Condition(cluster, "a", "DisruptionTarget") is { Reason: "PreemptionByScheduler" });
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Pod>("default", "vip")!.Status.NominatedNodeName == "worker-1");
        Condition(cluster, "a", "DisruptionTarget")!.Message.ShouldBe("default-scheduler: preempting to accommodate a higher priority pod");
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e is { Reason: "Preempted", InvolvedObject.Name: "a" }));
        var victim = cluster.Api.Find<V1Pod>("default", "a")!;
        victim.Metadata.DeletionTimestamp.ShouldNotBeNull();
        IsOn(cluster, "vip").ShouldBeFalse();

        await cluster.Client.DeleteAsync<V1Pod>("default", "a", new DeleteOptions(GracePeriodSeconds: 0));
        await cluster.Api.UntilAsync(() => IsOn(cluster, "vip"));
        cluster.Api.Find<V1Pod>("default", "vip")!.Status.NominatedNodeName.ShouldBeNull();
        cluster.Api.Find<V1Pod>("default", "b")!.Metadata.DeletionTimestamp.ShouldBeNull();
    }

    [Fact]
    public async Task A_pod_that_another_bound_before_holds_its_room_though_the_scheduler_s_own_binding_fails()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        cluster.Api.Intercept = request =>
        {
            if (request is not { Subresource: "binding", Name: "early" }) return null;
            cluster.Api.Intercept = null;
            BindBeforeAsync().GetAwaiter().GetResult();
            return ObservedApi.Refusal(409, "Conflict", "Operation cannot be fulfilled on pods/binding \"early\": pod early is already assigned to node \"worker-1\"");
        };
        await cluster.Client.CreateAsync(Pod("early", cpu: "3"));
        await cluster.Api.UntilAsync(() => IsOn(cluster, "early"));

        await cluster.Client.CreateAsync(Pod("late", cpu: "2"));
        await cluster.Api.UntilAsync(() => Condition(cluster, "late") is { Status: "False", Reason: "Unschedulable" });
        IsOn(cluster, "late").ShouldBeFalse();

        // Somebody else is faster, and the scheduler has seen it before its answer comes: it knows a label that the pod got on its node.
        async Task BindBeforeAsync()
        {
            var binding = new V1Binding { Metadata = new V1ObjectMeta { Name = "early" }, Target = new V1ObjectReference { Kind = "Node", Name = "worker-1" } };
            await cluster.Client.CreateSubresourceAsync<V1Pod>("default", "early", "binding", binding);
            await cluster.Client.PatchAsync<V1Pod>("default", "early", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["seen"] = "yes" } } });
            var witness = Pod("witness");
            witness.Spec.Affinity = new V1Affinity
            {
                PodAffinity = new V1PodAffinity
                {
                    RequiredDuringSchedulingIgnoredDuringExecution =
                        [new V1PodAffinityTerm { TopologyKey = "kubernetes.io/hostname", LabelSelector = new V1LabelSelector { MatchLabels = Make.Labels("seen=yes") } }],
                },
            };
            await cluster.Client.CreateAsync(witness);
            await cluster.Api.UntilAsync(() => IsOn(cluster, "witness"));
        }
    }

    [Fact]
    public async Task Gated_pods_and_those_of_other_schedulers_are_left_alone()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var gated = Pod("gated");
        gated.Spec.SchedulingGates = [new V1PodSchedulingGate { Name = "wait" }];
        await cluster.Client.CreateAsync(gated);
        var other = Pod("other");
        other.Spec.SchedulerName = "my-scheduler";
        await cluster.Client.CreateAsync(other);
        await cluster.Client.CreateAsync(Pod("last"));
        await cluster.Api.UntilAsync(() => IsOn(cluster, "last"));
        IsOn(cluster, "gated").ShouldBeFalse();
        IsOn(cluster, "other").ShouldBeFalse();
        Condition(cluster, "gated")!.Reason.ShouldBe("SchedulingGated");
        cluster.Api.Find<V1Pod>("default", "other")!.Status.Conditions.ShouldBeNull();

        await cluster.Client.PatchAsync<V1Pod>("default", "gated", new JsonObject { ["spec"] = new JsonObject { ["schedulingGates"] = null } });
        await cluster.Api.UntilAsync(() => IsOn(cluster, "gated"));
    }

    [Fact]
    public async Task An_eviction_takes_from_the_budget_which_gets_it_back_when_the_pods_successor_is_ready()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        var deployment = Make.Unsaved(Make.Deployment("web", 2));
        deployment.Status = null;
        await cluster.Client.CreateAsync(deployment);
        await cluster.Client.CreateAsync(new V1PodDisruptionBudget
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" },
            Spec = new V1PodDisruptionBudgetSpec { MaxUnavailable = "50%", Selector = new V1LabelSelector { MatchLabels = Make.Labels("app=web") } },
        });
        await cluster.Api.UntilAsync(() => Allowed() == 1);
        var pod = cluster.Pods("app=web")[0];
        await cluster.Client.CreateSubresourceAsync<V1Pod>("default", pod.Metadata.Name, "eviction", new V1Eviction { Metadata = new V1ObjectMeta { Name = pod.Metadata.Name } });
        await cluster.Api.UntilAsync(() => cluster.Pods("app=web").All(other => other.Metadata.Uid != pod.Metadata.Uid));
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1PodDisruptionBudget>("default", "web")!.Status is
        {
            DisruptionsAllowed: 1, CurrentHealthy: 2, DesiredHealthy: 1, ExpectedPods: 2, DisruptedPods: null or { Count: 0 },
        });

        int? Allowed() => cluster.Api.Find<V1PodDisruptionBudget>("default", "web")?.Status?.DisruptionsAllowed;
    }
}
