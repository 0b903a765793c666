using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Scheduling;

public class TopologySpreadTests
{
    private const string Zone = "topology.kubernetes.io/zone";
    private const string Text = "node(s) didn't match pod topology spread constraints";
    private readonly SchedulerBench _bench = new();

    private static V1Pod Spread(string name, Action<V1TopologySpreadConstraint>? change = null, string labels = "app=web")
    {
        var constraint = new V1TopologySpreadConstraint
        {
            MaxSkew = 1,
            TopologyKey = Zone,
            WhenUnsatisfiable = "DoNotSchedule",
            LabelSelector = new V1LabelSelector { MatchLabels = Make.Labels("app=web") },
        };
        change?.Invoke(constraint);
        var pod = Make.Pod(name, labels);
        pod.Spec.TopologySpreadConstraints = [constraint];
        return pod;
    }

    private static V1Node Node(string name, string zone, IList<V1Taint>? taints = null, string more = "") => Make.Node(name, labels: $"{Zone}={zone}{more}", taints: taints);

    [Fact]
    public void No_place_gets_further_ahead_of_the_emptiest_than_the_skew()
    {
        _bench.Nodes(Node("a", "a"), Node("b", "b"), Make.Node("nowhere"));
        _bench.Run(Make.Pod("1", "app=web"), "a");
        _bench.Place(Spread("p")).ShouldBe("b");
        _bench.Nodes(Make.Node("b", labels: $"{Zone}=b", cordoned: true));
        _bench.Place(Spread("p")).ShouldStartWith($"0/3 nodes are available: 1 {Text}, 1 {Text} (missing required label), 1 node(s) were unschedulable.");
        _bench.Place(Spread("p", constraint => constraint.MaxSkew = 2)).ShouldBe("a");
    }

    [Fact]
    public void With_fewer_places_than_there_should_be_the_emptiest_counts_as_empty()
    {
        _bench.Nodes(Node("a", "a"), Node("b", "b"));
        _bench.Run(Make.Pod("1", "app=web"), "a");
        _bench.Run(Make.Pod("2", "app=web"), "b");
        _bench.Place(Spread("p", constraint => constraint.MinDomains = 2)).ShouldBeOneOf("a", "b");
        _bench.Place(Spread("p", constraint => constraint.MinDomains = 3)).ShouldStartWith($"0/2 nodes are available: 2 {Text}.");
    }

    [Fact]
    public void Nodes_that_are_not_for_the_pod_count_or_not_as_the_policies_say()
    {
        _bench.Nodes(Node("a", "a"), Node("b", "b", [Make.Taint("gpu", "NoSchedule")]));
        _bench.Run(Make.Pod("1", "app=web"), "a");
        _bench.Place(Spread("p")).ShouldStartWith($"0/2 nodes are available: 1 {Text}, 1 node(s) had untolerated taint(s).");
        _bench.Place(Spread("p", constraint => constraint.NodeTaintsPolicy = "Honor")).ShouldBe("a");

        var choosy = Spread("q");
        choosy.Spec.NodeSelector = Make.Labels($"{Zone}=a");
        _bench.Place(choosy).ShouldBe("a");
        choosy.Spec.TopologySpreadConstraints[0].NodeAffinityPolicy = "Ignore";
        _bench.Place(choosy).ShouldContain(Text);
    }

    [Fact]
    public void Only_pods_with_the_same_values_of_the_named_labels_count()
    {
        _bench.Nodes(Node("a", "a"), Node("b", "b"));
        _bench.Run(Make.Pod("1", "app=web,rev=1"), "a");
        _bench.Run(Make.Pod("2", "app=web,rev=1"), "a");
        _bench.Run(Make.Pod("3", "app=web,rev=2"), "b");
        _bench.Place(Spread("p", constraint => constraint.MatchLabelKeys = ["rev"], "app=web,rev=2")).ShouldBe("a");
        _bench.Place(Spread("p", null, "app=web,rev=2")).ShouldBe("b");
    }

    [Fact]
    public void Pods_on_their_way_out_and_those_of_other_namespaces_do_not_count()
    {
        _bench.Nodes(Node("a", "a"), Node("b", "b"));
        _bench.Run(Make.Pod("1", "app=web", deleting: true), "a");
        var other = Make.Pod("2", "app=web");
        other.Metadata.NamespaceProperty = "other";
        _bench.Run(other, "a");
        _bench.Run(Make.Pod("3", "app=web"), "b");
        _bench.Place(Spread("p")).ShouldBe("a");
    }

    [Fact]
    public void What_is_only_wished_for_ranks_the_nodes()
    {
        _bench.Nodes(Node("a", "a"), Node("b", "b"));
        for (var i = 0; i < 3; i++) _bench.Run(Make.Pod($"{i}", "app=web"), "a");
        _bench.Place(Spread("p", constraint => constraint.WhenUnsatisfiable = "ScheduleAnyway")).ShouldBe("b");
    }

    [Fact]
    public void A_daemons_pod_that_names_its_node_says_of_the_others_that_they_were_not_asked()
    {
        _bench.Nodes(Make.Node("n1", cpu: "1"), Make.Node("n2"), Make.Node("n3"));
        _bench.Run(Make.Pod("full", cpu: "1"), "n1");
        var pod = Make.Pod("d", cpu: "1");
        pod.Spec.Affinity = new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector
                {
                    NodeSelectorTerms = [new V1NodeSelectorTerm { MatchFields = [new V1NodeSelectorRequirement { Key = "metadata.name", OperatorProperty = "In", Values = ["n1"] }] }],
                },
            },
        };
        _bench.Place(pod).ShouldBe(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
            + "no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.");
    }
}
