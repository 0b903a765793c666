using ActorCluster.Controllers.Scheduling;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Scheduling;

public class PodAffinityTests
{
    private const string Zone = "topology.kubernetes.io/zone";
    private readonly SchedulerBench _bench = new();

    public PodAffinityTests()
    {
        _bench.Nodes(Make.Node("a1", labels: $"{Zone}=a"), Make.Node("a2", labels: $"{Zone}=a"), Make.Node("b1", labels: $"{Zone}=b"));
        _bench.Cluster.Namespaces.Set("default", Make.Labels("team=blue"));
        _bench.Cluster.Namespaces.Set("other", Make.Labels("team=red"));
    }

    private static V1PodAffinityTerm Term(string labels, string key = Zone, V1LabelSelector? namespaces = null, params string[] names) => new()
    {
        TopologyKey = key,
        LabelSelector = new V1LabelSelector { MatchLabels = Make.Labels(labels) },
        NamespaceSelector = namespaces,
        Namespaces = names,
    };

    private static V1Pod Wanting(string name, string labels = "", V1PodAffinityTerm? with = null, V1PodAffinityTerm? without = null, int preferWith = 0, int preferWithout = 0)
    {
        var pod = Make.Pod(name, labels);
        pod.Spec.Affinity = new V1Affinity { PodAffinity = new V1PodAffinity(), PodAntiAffinity = new V1PodAntiAffinity() };
        if (with is not null && preferWith == 0) pod.Spec.Affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution = [with];
        if (without is not null && preferWithout == 0) pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution = [without];
        if (preferWith > 0) pod.Spec.Affinity.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution = [new V1WeightedPodAffinityTerm { PodAffinityTerm = with, Weight = preferWith }];
        if (preferWithout > 0) pod.Spec.Affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution = [new V1WeightedPodAffinityTerm { PodAffinityTerm = without, Weight = preferWithout }];
        return pod;
    }

    [Fact]
    public void A_pod_goes_where_its_company_is_and_stays_away_from_others()
    {
        _bench.Place(Wanting("p", with: Term("app=db"))).ShouldStartWith("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.");
        _bench.Run(Make.Pod("db", "app=db"), "b1");
        _bench.Place(Wanting("p", with: Term("app=db"))).ShouldBe("b1");
        _bench.Place(Wanting("q", without: Term("app=db"))).ShouldStartWith("a");
        _bench.Run(Make.Pod("db2", "app=db"), "a1");
        _bench.Place(Wanting("q", without: Term("app=db"))).ShouldStartWith("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.");
        _bench.Cluster.Remove("uid-of-db");
        _bench.Place(Wanting("q", without: Term("app=db"))).ShouldBe("b1");
    }

    [Fact]
    public void The_first_of_a_series_that_want_to_be_together_may_go_anywhere()
    {
        var first = _bench.Bind(Wanting("p1", "app=web", with: Term("app=web")));
        _bench.Bind(Wanting("p2", "app=web", with: Term("app=web")))[0].ShouldBe(first[0]);
    }

    [Fact]
    public void Pods_that_are_there_keep_away_whom_they_do_not_want()
    {
        _bench.Run(Wanting("hermit", without: Term("app=web")), "a1");
        _bench.Place(Make.Pod("p", "app=web")).ShouldBe("b1");
        _bench.Run(Wanting("hermit2", without: Term("app=web")), "b1");
        _bench.Place(Make.Pod("p", "app=web")).ShouldStartWith("0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules.");
        _bench.Cluster.Remove("uid-of-hermit2");
        _bench.Place(Make.Pod("p", "app=web")).ShouldBe("b1");
    }

    [Fact]
    public void One_pod_a_node_is_anti_affinity_with_itself()
    {
        List<string> nodes = [.. Enumerable.Range(0, 3).Select(i => _bench.Bind(Wanting($"p{i}", "app=web", without: Term("app=web", "kubernetes.io/hostname"))))];
        nodes.Order().ShouldBe(["a1", "a2", "b1"]);
    }

    [Fact]
    public void Terms_are_about_the_pods_own_namespace_those_they_name_and_those_they_select()
    {
        var elsewhere = Make.Pod("db", "app=db");
        elsewhere.Metadata.NamespaceProperty = "other";
        _bench.Run(elsewhere, "b1");
        _bench.Place(Wanting("p", with: Term("app=db"))).ShouldContain("didn't match pod affinity rules");
        _bench.Place(Wanting("p", with: Term("app=db", names: "other"))).ShouldBe("b1");
        _bench.Place(Wanting("p", with: Term("app=db", namespaces: new V1LabelSelector { MatchLabels = Make.Labels("team=red") }))).ShouldBe("b1");
        _bench.Place(Wanting("p", with: Term("app=db", namespaces: new V1LabelSelector()))).ShouldBe("b1");
        _bench.Place(Wanting("p", with: Term("app=db", namespaces: new V1LabelSelector { MatchLabels = Make.Labels("team=green") }))).ShouldContain("didn't match pod affinity rules");
        _bench.Cluster.Namespaces.Set("other", Make.Labels("team=green"));
        _bench.Place(Wanting("p", with: Term("app=db", namespaces: new V1LabelSelector { MatchLabels = Make.Labels("team=green") }))).ShouldBe("b1");
    }

    [Fact]
    public void Wishes_for_company_count_from_both_sides()
    {
        _bench.Run(Make.Pod("db", "app=db"), "b1");
        _bench.Place(Wanting("p", with: Term("app=db"), preferWith: 50)).ShouldBe("b1");
        _bench.Place(Wanting("p", without: Term("app=db"), preferWithout: 50)).ShouldStartWith("a");
        _bench.Cluster.Remove("uid-of-db");
        _bench.Run(Wanting("lonely", with: Term("app=web"), preferWith: 50), "b1");
        _bench.Place(Make.Pod("p", "app=web")).ShouldBe("b1");
    }

    [Fact]
    public void Labels_that_change_count_as_they_are()
    {
        var pod = Make.Pod("db", "app=db");
        _bench.Run(pod, "b1");
        _bench.Place(Wanting("p", with: Term("app=db"))).ShouldBe("b1");
        var relabelled = Make.Pod("db", "app=cache");
        _bench.Cluster.Refresh(relabelled).ShouldBe(ClusterChange.PodLabels);
        _bench.Place(Wanting("p", with: Term("app=db"))).ShouldContain("didn't match pod affinity rules");
        _bench.Cluster.Refresh(relabelled).ShouldBe(ClusterChange.None);
    }
}
