using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Scheduling;
using ActorCluster.Controllers.Scheduling.Preemption;
using ActorCluster.Controllers.Tests.Fakes;
using FsCheck;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Scheduling;

public class PodPlacerTests
{
    private readonly ClusterState _cluster = new();
    private readonly PodPlacer _placer = new(SchedulerProfile.Default(new ByLabel("app")), new RandomSource(7));
    private readonly PreemptionPlanner _planner = new(new RandomSource(7));

    private (string? Node, string? Failure) Place(V1Pod pod)
    {
        var wanted = SchedulingPod.From(pod);
        var placement = _placer.Place(wanted, _cluster);
        if (placement.Failure is not { } failure) return (placement.Node, null);
        return (null, failure.Describe(failure.AllNodes == 0 ? "" : _planner.Plan(wanted, failure, placement.Filters, _cluster, []).Message));
    }

    private string Assume(V1Pod pod)
    {
        var placement = Place(pod);
        _cluster.Place(SchedulingPod.From(pod), placement.Node.ShouldNotBeNull(placement.Failure), assumed: true);
        return placement.Node;
    }

    private void Nodes(params V1Node[] nodes) => Array.ForEach(nodes, _cluster.SetNode);

    [Fact]
    public void Without_nodes_it_says_so() => Place(Make.Pod("p")).Failure.ShouldBe("no nodes available to schedule pods");

    [Fact]
    public void Each_reason_is_counted_and_named_as_upstream_does()
    {
        Nodes(Make.Node("n1", cpu: "1"), Make.Node("n2", cpu: "500m"), Make.Node("n3", taints: [Make.Taint("dedicated", "NoSchedule", "db")]));
        Place(Make.Pod("p", cpu: "2")).Failure.ShouldBe(
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. "
            + "no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
    }

    [Fact]
    public void A_node_that_lacks_several_resources_counts_for_each()
    {
        Nodes(Make.Node("n1", cpu: "1", memory: "1Gi"));
        Place(Make.Pod("p", cpu: "2", memory: "2Gi")).Failure!.ShouldStartWith("0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.");
    }

    [Fact]
    public void Nothing_is_said_of_preemption_where_pods_of_lower_priority_run()
    {
        Nodes(Make.Node("n1", cpu: "1"));
        Assume(Make.Pod("low", cpu: "1"));
        var high = Make.Pod("high", cpu: "1");
        high.Spec.Priority = 1000;
        Place(high).Failure.ShouldBe("0/1 nodes are available: 1 Insufficient cpu.");
    }

    [Fact]
    public void A_pod_that_is_being_resized_counts_for_the_most_that_it_asks_for_or_has()
    {
        Nodes(Make.Node("n1", cpu: "1"));
        var pod = Make.Pod("resized", cpu: "200m");
        _cluster.Place(SchedulingPod.From(pod), "n1", assumed: false);
        Place(Make.Pod("other", cpu: "800m")).Node.ShouldBe("n1");

        pod = Make.Pod("resized", cpu: "600m");
        _cluster.Refresh(pod).ShouldBe(ClusterChange.None);
        Place(Make.Pod("other", cpu: "500m")).Failure!.ShouldContain("1 Insufficient cpu");

        pod = Make.Pod("resized", cpu: "100m");
        pod.Status = new V1PodStatus
        {
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = pod.Spec.Containers[0].Name, AllocatedResources = Cpu("300m"), Resources = new V1ResourceRequirements { Requests = Cpu("600m") },
                },
            ],
        };
        _cluster.Refresh(pod).ShouldBe(ClusterChange.None);
        Place(Make.Pod("other", cpu: "500m")).Failure!.ShouldContain("1 Insufficient cpu");

        pod.Status.ContainerStatuses[0].Resources.Requests = Cpu("100m");
        _cluster.Refresh(pod).ShouldBe(ClusterChange.PodShrunk);
        Place(Make.Pod("other", cpu: "700m")).Node.ShouldBe("n1");

        // What its node can never give doesn't count.
        pod = Make.Pod("resized", cpu: "900m");
        pod.Status = new V1PodStatus
        {
            Conditions = [new V1PodCondition { Type = "PodResizePending", Status = "True", Reason = "Infeasible" }],
            ContainerStatuses = [new V1ContainerStatus { Name = pod.Spec.Containers[0].Name, AllocatedResources = Cpu("100m"), Resources = new V1ResourceRequirements { Requests = Cpu("100m") } }],
        };
        _cluster.Refresh(pod);
        Place(Make.Pod("other", cpu: "900m")).Node.ShouldBe("n1");

        static Dictionary<string, ResourceQuantity> Cpu(string amount) => new() { ["cpu"] = new(amount) };
    }

    [Fact]
    public void Cordoned_nodes_and_nodes_without_the_wanted_labels_are_left_out()
    {
        Nodes(Make.Node("n1", cordoned: true), Make.Node("n2"), Make.Node("n3", labels: "disk=ssd"));
        var pod = Make.Pod("p");
        pod.Spec.NodeSelector = Make.Labels("disk=ssd");
        Place(pod).Node.ShouldBe("n3");
        pod.Spec.NodeSelector = Make.Labels("disk=tape");
        Place(pod).Failure!.ShouldStartWith("0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.");
    }

    [Theory]
    [InlineData("In", "a,b", "n1")]
    [InlineData("NotIn", "a", "n2")]
    [InlineData("DoesNotExist", "", "n2")]
    [InlineData("Exists", "", "n1")]
    public void Required_node_affinity_knows_all_operators(string op, string values, string expected)
    {
        Nodes(Make.Node("n1", labels: "zone=a"), Make.Node("n2"));
        var pod = Make.Pod("p");
        var requirement = new V1NodeSelectorRequirement { Key = "zone", OperatorProperty = op, Values = values.Split(',') };
        pod.Spec.Affinity = new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector { NodeSelectorTerms = [new V1NodeSelectorTerm { MatchExpressions = [requirement] }] },
            },
        };
        Place(pod).Node.ShouldBe(expected);
    }

    [Fact]
    public void Tolerated_taints_do_not_keep_a_pod_away_and_soft_ones_only_when_there_is_a_choice()
    {
        Nodes(Make.Node("n1", taints: [Make.Taint("dedicated", "NoSchedule", "db")]));
        var pod = Make.Pod("p");
        pod.Spec.Tolerations = [new V1Toleration { Key = "dedicated", OperatorProperty = "Equal", Value = "db", Effect = "NoSchedule" }];
        Place(pod).Node.ShouldBe("n1");
        Nodes(Make.Node("n2", taints: [Make.Taint("slow", "PreferNoSchedule")]), Make.Node("n3"));
        Place(Make.Pod("q")).Node.ShouldBe("n3");
    }

    [Fact]
    public void A_host_port_is_given_once_on_a_node()
    {
        Nodes(Make.Node("n1"), Make.Node("n2"));
        V1Pod WithPort(string name)
        {
            var pod = Make.Pod(name);
            pod.Spec.Containers[0].Ports = [new V1ContainerPort { ContainerPort = 80, HostPort = 8080 }];
            return pod;
        }

        var first = Assume(WithPort("a"));
        Assume(WithPort("b")).ShouldNotBe(first);
        Place(WithPort("c")).Failure!.ShouldStartWith("0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.");
    }

    [Fact]
    public void Init_containers_count_only_where_they_need_more_than_what_runs_later()
    {
        var pod = Make.Pod("p", cpu: "1");
        pod.Spec.InitContainers =
        [
            new V1Container { Name = "sidecar", RestartPolicy = "Always", Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("200m") } } },
            new V1Container { Name = "setup", Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("1500m") } } },
        ];
        SchedulingPod.From(pod).Requests.MilliCpu.ShouldBe(1700);
        pod.Spec.InitContainers.RemoveAt(1);
        SchedulingPod.From(pod).Requests.MilliCpu.ShouldBe(1200);
    }

    [Theory]
    [InlineData(3, 9)]
    [InlineData(10, 50)]
    [InlineData(4, 6)]
    public void Pods_of_one_owner_are_spread_evenly_over_equal_nodes(int nodes, int pods)
    {
        for (var i = 0; i < nodes; i++) Nodes(Make.Node($"n{i}"));
        var perNode = Enumerable.Range(0, pods).Select(i => Assume(Make.Pod($"p{i}", "app=web", owner: Make.Owner("web")))).GroupBy(node => node).Select(g => g.Count()).ToList();
        perNode.Max().ShouldBeLessThanOrEqualTo((pods + nodes - 1) / nodes);
    }

    [Fact]
    public void Zones_are_used_before_a_second_pod_lands_in_one()
    {
        for (var i = 0; i < 4; i++) Nodes(Make.Node($"a{i}", labels: "topology.kubernetes.io/zone=a"));
        Nodes(Make.Node("b0", labels: "topology.kubernetes.io/zone=b"));
        var nodes = Enumerable.Range(0, 2).Select(i => Assume(Make.Pod($"p{i}", "app=web", owner: Make.Owner("web")))).ToList();
        nodes.Count(node => node.StartsWith('a')).ShouldBe(1);
    }

    [Property(MaxTest = 50)]
    public void No_node_is_ever_given_more_than_it_has(PositiveInt[] requests)
    {
        var (cluster, placer) = (new ClusterState(), new PodPlacer(SchedulerProfile.Default(new ByLabel("app")), new RandomSource(3)));
        for (var i = 0; i < 3; i++) cluster.SetNode(Make.Node($"n{i}", cpu: "2", memory: "2Gi", pods: 5));
        var placed = 0;
        foreach (var (request, i) in requests.Select((r, i) => (r.Get, i)))
        {
            var pod = SchedulingPod.From(Make.Pod($"p{i}", cpu: $"{request % 900}m", memory: $"{request % 700}Mi"));
            if (request % 5 == 0) cluster.Remove($"uid-of-p{i / 2}");
            if (placer.Place(pod, cluster).Node is not { } node) continue;
            cluster.Place(pod, node, assumed: request % 2 == 0);
            placed++;
        }

        foreach (var node in cluster.Nodes)
        {
            node.Requested.MilliCpu.ShouldBeInRange(0, 2000);
            node.Requested.Memory.ShouldBeInRange(0, 2L << 30);
            node.PodCount.ShouldBeInRange(0, 5);
        }

        if (requests.Length > 0) placed.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Room_that_an_assumed_pod_takes_comes_back_when_its_binding_fails()
    {
        Nodes(Make.Node("n1", cpu: "1"));
        var pod = Make.Pod("a", cpu: "1");
        Assume(pod);
        _cluster.IsAssumed(pod.Metadata.Uid).ShouldBeTrue();
        Place(Make.Pod("b", cpu: "1")).Node.ShouldBeNull();
        _cluster.Remove(pod.Metadata.Uid).ShouldBeTrue();
        Place(Make.Pod("b", cpu: "1")).Node.ShouldBe("n1");
    }

    [Fact]
    public void Pods_on_a_node_that_was_not_seen_yet_count_when_it_comes()
    {
        _cluster.Place(SchedulingPod.From(Make.Pod("a", cpu: "3")), "n1", assumed: false);
        Place(Make.Pod("b", cpu: "2")).Failure.ShouldBe("no nodes available to schedule pods");
        Nodes(Make.Node("n1", cpu: "4"));
        Place(Make.Pod("b", cpu: "2")).Node.ShouldBeNull();
        Place(Make.Pod("b", cpu: "1")).Node.ShouldBe("n1");
    }

    [Fact]
    public void Images_that_are_gone_from_a_node_count_no_more()
    {
        var node = Make.Node("n1");
        node.Status.Images = [new V1ContainerImage { Names = ["nginx:1"], SizeBytes = 1 << 30 }];
        Nodes(node);
        (_cluster.NodesWith("nginx:1"), _cluster.Find("n1")!.Images.Count).ShouldBe((1, 1));

        Nodes(Make.Node("n1"));
        (_cluster.NodesWith("nginx:1"), _cluster.Find("n1")!.Images.Count).ShouldBe((0, 0));
    }
}
