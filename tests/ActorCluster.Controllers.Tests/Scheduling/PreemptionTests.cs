using ActorCluster.Controllers.Scheduling;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Scheduling;

public class PreemptionTests
{
    private readonly SchedulerBench _bench = new();

    private static V1Pod Pod(string name, int priority, string cpu = "", string labels = "") => SchedulerBench.Pod(name, priority, cpu, labels);

    private static V1PodDisruptionBudget Budget(string labels, int allowed, params string[] disrupted) => new()
    {
        Metadata = new V1ObjectMeta { Name = "b", NamespaceProperty = "default" },
        Spec = new V1PodDisruptionBudgetSpec { Selector = new V1LabelSelector { MatchLabels = Make.Labels(labels) } },
        Status = new V1PodDisruptionBudgetStatus { DisruptionsAllowed = allowed, DisruptedPods = disrupted.ToDictionary(name => name, _ => (DateTime?)Make.Noon.UtcDateTime) },
    };

    [Fact]
    public void Only_as_many_pods_go_as_must_and_the_least_important_ones()
    {
        _bench.Nodes(Make.Node("n1", cpu: "4"));
        foreach (var (name, priority) in ((string, int)[])[("a", 1), ("b", 5), ("c", 2), ("d", 50)]) _bench.Run(Pod(name, priority, "1"), "n1");
        _bench.Preempt(Pod("p", 10, "2")).ShouldBe("n1: c a");
    }

    [Fact]
    public void Where_all_are_as_important_nobody_goes_and_both_messages_say_it()
    {
        _bench.Nodes(Make.Node("n1", cpu: "1"), Make.Node("n2", cpu: "500m"), Make.Node("n3", cpu: "4"));
        _bench.Run(Pod("a", 10, "1"), "n1");
        _bench.Run(Pod("low", 1, "1"), "n3");
        _bench.Run(Pod("big", 10, "3500m"), "n3");
        _bench.Place(Pod("p", 10, "1")).ShouldBe(
            "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, "
            + "1 Preemption is not helpful for scheduling.");
    }

    [Fact]
    public void A_pod_that_never_preempts_says_so()
    {
        _bench.Nodes(Make.Node("n1", cpu: "1"));
        _bench.Run(Pod("a", 1, "1"), "n1");
        var polite = Pod("p", 10, "1");
        polite.Spec.PreemptionPolicy = "Never";
        _bench.Place(polite).ShouldBe("0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.");
    }

    [Fact]
    public void The_node_is_taken_whose_most_important_victim_matters_least()
    {
        _bench.Nodes(Make.Node("n1", cpu: "2"), Make.Node("n2", cpu: "2"), Make.Node("n3", cpu: "2"));
        _bench.Run(Pod("a", 5, "2"), "n1");
        _bench.Run(Pod("b", 3, "2"), "n2");
        _bench.Run(Pod("c", 4, "2"), "n3");
        _bench.Preempt(Pod("p", 10, "2")).ShouldBe("n2: b");
    }

    [Fact]
    public void Among_equals_the_fewest_go_and_then_those_that_began_last()
    {
        _bench.Nodes(Make.Node("n1", cpu: "2"), Make.Node("n2", cpu: "2"), Make.Node("n3", cpu: "2"));
        _bench.Run(Pod("a1", 3, "1"), "n1");
        _bench.Run(Pod("a2", 3, "1"), "n1");
        foreach (var (name, node, seconds) in ((string, string, int)[])[("b", "n2", 100), ("c", "n3", 50)])
        {
            var pod = Pod(name, 3, "2");
            pod.Status.StartTime = Make.Noon.AddSeconds(-seconds).UtcDateTime;
            _bench.Run(pod, node);
        }

        _bench.Preempt(Pod("p", 10, "2")).ShouldBe("n3: c");
    }

    [Fact]
    public void Budgets_are_kept_where_there_is_a_choice_of_nodes_or_of_pods_on_a_node()
    {
        _bench.Nodes(Make.Node("n1", cpu: "2"), Make.Node("n2", cpu: "2"));
        _bench.Run(Pod("kept", 1, "2", "app=web"), "n1");
        _bench.Run(Pod("b", 5, "2"), "n2");
        _bench.Budgets.Add(Budget("app=web", allowed: 0));
        _bench.Preempt(Pod("p", 10, "2")).ShouldBe("n2: b");

        _bench.Nodes(Make.Node("n3", cpu: "2"));
        _bench.Run(Pod("web", 1, "1", "app=web"), "n3");
        _bench.Run(Pod("other", 2, "1"), "n3");
        _bench.Preempt(Pod("p", 10, "1")).ShouldBe("n3: other");
    }

    [Fact]
    public void A_budget_counts_each_pod_once_and_not_those_whose_eviction_it_granted()
    {
        _bench.Nodes(Make.Node("n1", cpu: "2"));
        _bench.Run(Pod("a", 1, "1", "app=web"), "n1");
        _bench.Run(Pod("b", 1, "1", "app=web"), "n1");
        _bench.Budgets.Add(Budget("app=web", allowed: 0, "a"));
        _bench.Decide(Pod("p", 10, "2")).Plan.Candidate.ShouldNotBeNull().Violations.ShouldBe(1);
        _bench.Preempt(Pod("p", 10, "1")).ShouldBe("n1: a");
    }

    [Fact]
    public void Going_of_others_helps_against_taken_ports_anti_affinity_and_skew_but_not_against_taints()
    {
        _bench.Nodes(Make.Node("n1"), Make.Node("n2", taints: [Make.Taint("gpu", "NoSchedule")]));
        var taken = Pod("a", 1, labels: "app=db");
        taken.Spec.Containers[0].Ports = [new V1ContainerPort { ContainerPort = 80, HostPort = 80 }];
        _bench.Run(taken, "n1");
        var ports = Pod("p", 10);
        ports.Spec.Containers[0].Ports = [new V1ContainerPort { ContainerPort = 80, HostPort = 80 }];
        _bench.Preempt(ports).ShouldBe("n1: a");

        var alone = Pod("q", 10);
        alone.Spec.Affinity = new V1Affinity
        {
            PodAntiAffinity = new V1PodAntiAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution =
                    [new V1PodAffinityTerm { TopologyKey = SpreadConstraint.Hostname, LabelSelector = new V1LabelSelector { MatchLabels = Make.Labels("app=db") } }],
            },
        };
        _bench.Preempt(alone).ShouldBe("n1: a");
    }

    [Fact]
    public void A_claim_for_one_pod_is_left_by_the_less_important_pod_wherever_it_is_and_by_no_other()
    {
        const string Taken = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
        _bench.ClaimsForOnePod.Add("default/one");
        _bench.Nodes(Make.Node("n1"), Make.Node("n2"));
        _bench.Run(Pod("bystander", 1), "n1");
        var user = _bench.Run(With("one", Pod("user", 5)), "n2");

        _bench.Preempt(With("one", Pod("p", 10))).ShouldBe("n2: user");
        _bench.Place(With("one", Pod("p", 5))).ShouldBe(
            $"0/2 nodes are available: 2 {Taken}. no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 {Taken}.");
        _bench.Place(With("many", Pod("q", 5))).ShouldStartWith("n");

        _bench.Cluster.Remove(user.Uid);
        _bench.Place(With("one", Pod("p", 5))).ShouldStartWith("n");

        static V1Pod With(string claim, V1Pod pod)
        {
            pod.Spec = pod.Spec with { Volumes = [new V1Volume { Name = "data", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim } }] };
            return pod;
        }
    }

    [Fact]
    public void Room_that_is_being_made_is_not_given_to_the_less_important_and_whoever_waits_for_it_gets_it()
    {
        _bench.Nodes(Make.Node("n1", cpu: "2"));
        var going = _bench.Run(Pod("going", 1, "2"), "n1");
        var waiting = Pod("p", 10, "2");
        _bench.Cluster.Nominations.Set(SchedulingPod.From(waiting), "n1");
        going.Pod.Metadata.DeletionTimestamp = Make.Noon.UtcDateTime;
        going.Pod.Status.Conditions = [new V1PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "PreemptionByScheduler" }];
        _bench.Cluster.Refresh(going.Pod);
        _bench.Place(waiting).ShouldBe("0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to a terminating pod on the nominated node.");

        _bench.Cluster.Remove(going.Uid);
        _bench.Place(Pod("small", 5, "1")).ShouldStartWith("0/1 nodes are available: 1 Insufficient cpu.");
        _bench.Place(Pod("vip", 20, "1")).ShouldBe("n1");
        _bench.Place(waiting).ShouldBe("n1");
    }
}
