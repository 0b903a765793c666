using ActorCluster.Controllers.DaemonSets;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.DaemonSets;

public class DaemonPlanTests
{
    private const string New = "new";
    private const string Old = "old";

    private static readonly V1OwnerReference Ours = Make.Owner("logger", "DaemonSet");

    private static V1Pod Pod(string node, string hash = New, bool? ready = true, string phase = "", bool deleting = false, string? name = null, int ageSeconds = 60) =>
        Make.Pod(name ?? $"{node}-{hash}", $"app=logger,controller-revision-hash={hash}", node, Ours, ready: ready, phase: phase, deleting: deleting, ageSeconds: ageSeconds);

    private static V1Node[] Nodes(int count) => [.. Enumerable.Range(1, count).Select(number => Make.Node($"n{number}"))];

    private static DaemonPlan Plan(V1DaemonSet set, V1Node[] nodes, params V1Pod[] pods) => DaemonPlan.Of(DaemonNodes.Of(set, nodes, pods), New, Make.Noon);

    private static DaemonRollout Roll(V1DaemonSet set, V1Node[] nodes, params V1Pod[] pods) => DaemonRollout.Of(DaemonNodes.Of(set, nodes, pods), New, Make.Noon);

    private static IEnumerable<string> Names(IEnumerable<V1Pod> pods) => pods.Select(pod => pod.Metadata.Name);

    [Fact]
    public void A_new_pod_is_pinned_to_its_node_marked_with_the_hash_and_tolerates_what_befalls_nodes()
    {
        var set = Make.DaemonSet("logger");
        set.Metadata.Annotations = new Dictionary<string, string> { ["deprecated.daemonset.template.generation"] = "3" };
        set.Spec.Template.Spec.HostNetwork = true;
        set.Spec.Template.Spec.Tolerations = [new V1Toleration { Key = "node.kubernetes.io/unreachable", OperatorProperty = "Exists", Effect = "NoExecute", TolerationSeconds = 5 }];
        var pod = DaemonPods.For(set, "n1", "abc");
        DaemonPods.NodeOf(pod).ShouldBe("n1");
        pod.Metadata.Labels.ShouldBe(Make.Labels("app=logger,controller-revision-hash=abc,pod-template-generation=3"), ignoreOrder: true);
        pod.Spec.Tolerations.Select(t => $"{t.Key}:{t.Effect}").ShouldBe(
        [
            "node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/not-ready:NoExecute", "node.kubernetes.io/disk-pressure:NoSchedule",
            "node.kubernetes.io/memory-pressure:NoSchedule", "node.kubernetes.io/pid-pressure:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule",
            "node.kubernetes.io/network-unavailable:NoSchedule",
        ]);
        pod.Spec.Tolerations.ShouldAllBe(t => t.OperatorProperty == "Exists" && t.TolerationSeconds == null);
        set.Spec.Template.Spec.Affinity.ShouldBeNull();
        set.Spec.Template.Metadata.Labels.Count.ShouldBe(1);
    }

    [Fact]
    public void The_pin_takes_the_place_of_the_required_node_affinity_and_leaves_the_rest()
    {
        var set = Make.DaemonSet("logger");
        set.Spec.Template.Spec.Affinity = new V1Affinity
        {
            PodAntiAffinity = new V1PodAntiAffinity(),
            NodeAffinity = new V1NodeAffinity
            {
                PreferredDuringSchedulingIgnoredDuringExecution = [],
                RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector
                {
                    NodeSelectorTerms = [new V1NodeSelectorTerm { MatchExpressions = [new V1NodeSelectorRequirement { Key = "disk", OperatorProperty = "Exists" }] }],
                },
            },
        };
        var affinity = DaemonPods.For(set, "n1", "abc").Spec.Affinity;
        affinity.PodAntiAffinity.ShouldNotBeNull();
        affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution.ShouldNotBeNull();
        affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms.ShouldHaveSingleItem().MatchExpressions.ShouldBeNull();
    }

    [Theory]
    [InlineData("", "", true, true)]
    [InlineData("busy", "NoSchedule", false, true)]
    [InlineData("busy", "NoExecute", false, false)]
    [InlineData("busy", "PreferNoSchedule", true, true)]
    [InlineData("node.kubernetes.io/unreachable", "NoExecute", true, true)]
    [InlineData("node.kubernetes.io/unschedulable", "NoSchedule", true, true)]
    [InlineData("node.kubernetes.io/network-unavailable", "NoSchedule", false, true)]
    public void Taints_decide_whether_a_pod_comes_and_whether_it_stays(string key, string effect, bool shouldRun, bool mayStay)
    {
        var node = Make.Node("n1", taints: key.Length == 0 ? null : [Make.Taint(key, effect)]);
        NodeFit.Of(Make.DaemonSet("logger"), node).ShouldBe(new NodeFit(shouldRun, mayStay));
    }

    [Fact]
    public void A_node_must_match_the_selector_the_affinity_and_the_name_of_the_template()
    {
        var set = Make.DaemonSet("logger");
        set.Spec.Template.Spec.NodeSelector = Make.Labels("disk=ssd");
        NodeFit.Of(set, Make.Node("n1")).ShouldBe(new NodeFit(false, false));
        NodeFit.Of(set, Make.Node("n1", labels: "disk=ssd")).ShouldBe(new NodeFit(true, true));
        set.Spec.Template.Spec.NodeName = "n2";
        NodeFit.Of(set, Make.Node("n1", labels: "disk=ssd")).ShouldBe(new NodeFit(false, false));
    }

    [Fact]
    public void Nodes_without_a_pod_get_one_and_of_two_pods_the_younger_goes()
    {
        var plan = Plan(Make.DaemonSet("logger"), Nodes(3), Pod("n1", ageSeconds: 100), Pod("n1", name: "younger", ageSeconds: 10), Pod("n2", deleting: true));
        plan.Create.ShouldBe(["n3"]);
        Names(plan.Delete).ShouldBe(["younger"]);
    }

    [Fact]
    public void Pods_for_nodes_that_are_gone_are_deleted_unless_they_were_bound()
    {
        var pending = DaemonPods.For(Make.DaemonSet("logger"), "gone", New);
        pending.Metadata.Name = "pending";
        Names(Plan(Make.DaemonSet("logger"), [], pending, Pod("gone")).Delete).ShouldBe(["pending"]);
    }

    [Fact]
    public void Pods_that_ended_are_told_apart_and_those_already_deleted_do_not_count_at_all()
    {
        var plan = Plan(Make.DaemonSet("logger"), Nodes(3), Pod("n1", phase: "Failed"), Pod("n2", phase: "Succeeded"), Pod("n3", phase: "Failed", deleting: true));
        plan.Ended.Select(ended => (ended.Node, ended.Failed)).ShouldBe([("n1", true), ("n2", false)]);
        plan.Create.ShouldBe(["n3"]);
        plan.Delete.ShouldBeEmpty();
    }

    [Fact]
    public void A_rollout_replaces_pods_that_serve_nobody_at_once_and_others_within_the_limit()
    {
        var set = Make.DaemonSet("logger", unavailable: "2");
        Names(Roll(set, Nodes(4), Pod("n1", Old), Pod("n2", Old), Pod("n3", Old), Pod("n4", Old)).Delete).ShouldBe(["n1-old", "n2-old"]);
        Names(Roll(set, Nodes(4), Pod("n1", Old, ready: false), Pod("n2", Old), Pod("n3", Old), Pod("n4", New)).Delete).ShouldBe(["n1-old", "n2-old"]);
        Names(Roll(set, Nodes(4), Pod("n1", New, ready: false), Pod("n2", New, ready: false), Pod("n3", Old), Pod("n4", Old)).Delete).ShouldBeEmpty();
        Names(Roll(set, Nodes(4), Pod("n1", Old), Pod("n2", Old, deleting: true), Pod("n3", Old)).Delete).ShouldBeEmpty();
    }

    [Fact]
    public void Percentages_of_the_wanted_nodes_are_rounded_up()
    {
        Roll(Make.DaemonSet("logger", unavailable: "30%"), Nodes(4), [.. Nodes(4).Select(node => Pod(node.Metadata.Name, Old))]).Delete.Count.ShouldBe(2);
        Roll(Make.DaemonSet("logger", surge: "30%", unavailable: "0"), Nodes(4), [.. Nodes(4).Select(node => Pod(node.Metadata.Name, Old))]).Create.Count.ShouldBe(2);
    }

    [Fact]
    public void With_surge_a_new_pod_comes_first_and_the_old_one_goes_when_it_is_available()
    {
        var set = Make.DaemonSet("logger", surge: "1", unavailable: "0");
        var first = Roll(set, Nodes(2), Pod("n1", Old), Pod("n2", Old));
        first.Create.ShouldBe(["n1"]);
        first.Delete.ShouldBeEmpty();
        var waiting = Roll(set, Nodes(2), Pod("n1", Old), Pod("n1", New, ready: false), Pod("n2", Old));
        (waiting.Create.Count, waiting.Delete.Count).ShouldBe((0, 0));
        var ready = Roll(set, Nodes(2), Pod("n1", Old), Pod("n1", New), Pod("n2", Old));
        Names(ready.Delete).ShouldBe(["n1-old"]);
        ready.Create.ShouldBe(["n2"]);
    }

    [Fact]
    public void With_surge_a_pod_on_a_node_that_no_longer_counts_stays_until_others_are_available()
    {
        var set = Make.DaemonSet("logger", surge: "1", unavailable: "0");
        V1Node[] nodes = [Make.Node("n1", taints: [Make.Taint("busy", "NoSchedule")]), Make.Node("n2")];
        Roll(set, nodes, Pod("n1", Old), Pod("n2", New, ready: false)).Delete.ShouldBeEmpty();
        Names(Roll(set, nodes, Pod("n1", Old), Pod("n2", New)).Delete).ShouldBe(["n1-old"]);
        Names(Roll(set, nodes, Pod("n1", Old, ready: false), Pod("n2", New, ready: false)).Delete).ShouldBe(["n1-old"]);
    }

    [Fact]
    public void With_surge_two_pods_may_share_a_node_only_while_the_old_one_is_needed()
    {
        var set = Make.DaemonSet("logger", surge: "1", unavailable: "0");
        Plan(set, Nodes(1), Pod("n1", Old), Pod("n1", New, ready: false)).Delete.ShouldBeEmpty();
        Names(Plan(set, Nodes(1), Pod("n1", Old), Pod("n1", New)).Delete).ShouldBe(["n1-old"]);
        Names(Plan(set, Nodes(1), Pod("n1", Old, ready: false), Pod("n1", New, ready: false)).Delete).ShouldBe(["n1-old"]);
        Names(Plan(set, Nodes(1), Pod("n1", Old), Pod("n1", New, ready: false), Pod("n1", Old, name: "another", ageSeconds: 1)).Delete).ShouldBe(["another"]);
    }

    [Fact]
    public void OnDelete_rolls_nothing() =>
        Roll(Make.DaemonSet("logger", strategy: "OnDelete"), Nodes(1), Pod("n1", Old, ready: false)).ShouldBeSameAs(DaemonRollout.Nothing);

    [Fact]
    public void The_status_counts_nodes()
    {
        var set = Make.DaemonSet("logger");
        set.Spec.MinReadySeconds = 40;
        V1Node[] nodes = [.. Nodes(4), Make.Node("n5", taints: [Make.Taint("busy", "NoSchedule")])];
        var view = DaemonNodes.Of(set, nodes,
            [Pod("n1", ageSeconds: 200), Pod("n2", Old, ageSeconds: 20), Pod("n3", ready: false), Pod("n5")]);
        var status = DaemonStatus.Calculate(view, New, observed: true, Make.Noon);
        (status.DesiredNumberScheduled, status.CurrentNumberScheduled, status.NumberMisscheduled, status.NumberReady).ShouldBe((4, 3, 1, 2));
        (status.NumberAvailable, status.NumberUnavailable, status.UpdatedNumberScheduled, status.ObservedGeneration).ShouldBe((1, 3, 2, 1));
        DaemonStatus.Same(status, DaemonStatus.Calculate(view, New, observed: true, Make.Noon)).ShouldBeTrue();
        DaemonStatus.Calculate(view, New, observed: false, Make.Noon).ObservedGeneration.ShouldBeNull();
    }

    [Fact]
    public void Failed_pods_may_go_at_once_then_ever_more_seldom_until_there_was_peace()
    {
        var clock = new FakeTimeProvider(Make.Noon);
        var backoff = new FailedPodBackoff(clock);
        backoff.TryPass("n1").ShouldBeNull();
        backoff.TryPass("n1").ShouldBe(TimeSpan.FromSeconds(1));
        backoff.TryPass("n2").ShouldBeNull();
        clock.Advance(TimeSpan.FromSeconds(1));
        backoff.TryPass("n1").ShouldBeNull();
        clock.Advance(TimeSpan.FromMilliseconds(500));
        backoff.TryPass("n1").ShouldBe(TimeSpan.FromMilliseconds(1500));
        clock.Advance(TimeSpan.FromMinutes(31));
        backoff.TryPass("n1").ShouldBeNull();
        backoff.TryPass("n1").ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void The_oldest_revisions_go_but_none_that_pods_are_of()
    {
        V1ControllerRevision Revision(int number) => new()
        {
            Metadata = new V1ObjectMeta { Name = $"logger-{number}", Labels = Make.Labels($"controller-revision-hash=h{number}") },
            Revision = number,
        };
        V1ControllerRevision[] old = [Revision(1), Revision(2), Revision(3), Revision(4)];
        DaemonHistory.Expired(old, 2, [Pod("n1", "h1")]).Select(revision => revision.Revision).ShouldBe([2L, 3L]);
        DaemonHistory.Expired(old, 4, []).ShouldBeEmpty();
    }
}
