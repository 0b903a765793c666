using ActorCluster.Controllers.EndpointSlices;
using ActorCluster.Controllers.Tests.Fakes;
using FsCheck;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.EndpointSlices;

public class TopologyHintsTests
{
    [Fact]
    public void A_zones_share_is_that_of_its_ready_nodes_cpus()
    {
        TopologyHints.Shares([Node("a1", "a", "3"), Node("a2", "a", "1"), Node("b1", "b", "4"), Node("b2", "b", "8", ready: "False"), ControlPlane()])
            .ShouldBe(new Dictionary<string, double> { ["a"] = 0.5, ["b"] = 0.5 });
        TopologyHints.Shares([Node("a1", "a", "3")]).ShouldBeNull();
        TopologyHints.Shares([Node("a1", "a", "3"), Node("b1", "b", "3"), Make.Node("nowhere")]).ShouldBeNull();
        TopologyHints.Shares([Node("a1", "a", "0"), Node("b1", "b", "3")]).ShouldBeNull();

        static V1Node ControlPlane() => Make.Node("cp", labels: "node-role.kubernetes.io/control-plane=");
    }

    [Fact]
    public void Endpoints_that_are_spread_as_the_cpus_are_used_from_their_own_zones()
    {
        var endpoints = Endpoints("a a b b c c");
        TopologyHints.Assign(endpoints, Even("a", "b", "c")).ShouldBeNull();
        Hints(endpoints).ShouldBe("a a b b c c");
    }

    [Fact]
    public void A_zone_with_too_many_gives_to_one_with_too_few()
    {
        var endpoints = Endpoints("a a a a b b");
        TopologyHints.Assign(endpoints, Even("a", "b", "c")).ShouldBeNull();
        Hints(endpoints).ShouldBe("c c a a b b");
    }

    [Fact]
    public void An_endpoint_that_is_not_ready_is_not_hinted_and_does_not_count()
    {
        var endpoints = Endpoints("a a b");
        endpoints[0].Conditions.Ready = false;
        TopologyHints.Assign(endpoints, Even("a", "b")).ShouldBeNull();
        Hints(endpoints).ShouldBe("- a b");
    }

    [Theory]
    [InlineData("a b", "a b c", "Insufficient number of endpoints (2 endpoints, 3 zones)")]
    [InlineData("a a b", "a b", "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)")]
    [InlineData("a -", "a b", "One or more endpoints do not have a zone specified")]
    [InlineData("a b", "", "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes")]
    public void There_are_no_hints_where_they_would_do_harm(string endpoints, string zones, string why)
    {
        var all = Endpoints(endpoints);
        TopologyHints.Assign(all, zones.Length == 0 ? null : Even(zones.Split(' '))).ShouldBe(why);
        all.ShouldAllBe(endpoint => endpoint.Hints == null);
    }

    /// <summary>However the endpoints lie: if there are hints, every ready endpoint has one, and no zone that has nodes gets fewer than its share allows.</summary>
    [Property(MaxTest = 200)]
    public void No_zone_is_burdened_by_more_than_a_fifth(NonNegativeInt[] places, PositiveInt[] cpus)
    {
        var zones = cpus.Take(4).Select((cpu, index) => (Name: $"z{index}", Share: (double)cpu.Get)).ToList();
        if (zones.Count < 2) return;
        var total = zones.Sum(zone => zone.Share);
        var shares = new SortedDictionary<string, double>(zones.ToDictionary(zone => zone.Name, zone => zone.Share / total), StringComparer.Ordinal);
        var endpoints = Endpoints(string.Join(' ', places.Select(place => $"z{place.Get % zones.Count}")));
        if (TopologyHints.Assign(endpoints, shares) is not null) return;
        endpoints.ShouldAllBe(endpoint => endpoint.Hints.ForZones.Count == 1);
        foreach (var (zone, share) in shares) endpoints.Count(endpoint => endpoint.Hints.ForZones[0].Name == zone).ShouldBeGreaterThanOrEqualTo((int)Math.Floor((share * endpoints.Count / 1.2) - 1e-9));
    }

    [Fact]
    public void The_service_asks_for_it_by_annotation_and_is_told_once_that_it_has_it()
    {
        V1Node[] nodes = [Node("n1", "a", "4"), Node("n2", "b", "4")];
        var service = Make.Service("web", "app=web");
        service.Metadata.Annotations = new Dictionary<string, string> { ["service.kubernetes.io/topology-mode"] = "Auto" };
        service.Spec.TrafficDistribution = "PreferSameNode";
        List<V1Pod> pods = [Pod("p1", "n1"), Pod("p2", "n2")];

        var plan = Plan();
        plan.Notes.ShouldBe([new EndpointSliceNote("Normal", "TopologyAwareHintsEnabled", "Topology Aware Hints has been enabled, addressType: IPv4")]);
        var slice = plan.Create.ShouldHaveSingleItem();
        slice.Endpoints.Select(endpoint => $"{endpoint.NodeName} {endpoint.Hints.ForZones.Single().Name} {endpoint.Hints.ForNodes?.Count}").ShouldBe(["n1 a ", "n2 b "]);

        slice.Metadata.Name = "web-1";
        Plan(slice).ShouldSatisfyAllConditions(again => again.Notes.ShouldBeEmpty(), again => again.Update.ShouldBeEmpty());

        pods.RemoveAt(1);
        var fewer = Plan(slice);
        fewer.Notes.ShouldBe([new EndpointSliceNote("Warning", "TopologyAwareHintsDisabled", "Insufficient number of endpoints (1 endpoints, 2 zones), addressType: IPv4")]);
        fewer.Update.ShouldHaveSingleItem().Endpoints.ShouldHaveSingleItem().Hints.ShouldBeNull();

        EndpointSlicePlan Plan(params V1EndpointSlice[] existing) =>
            EndpointSlicePlan.Of(service, pods, existing, name => nodes.Single(node => node.Metadata.Name == name), nodes);
        static V1Pod Pod(string name, string node) => Make.Pod(name, "app=web", node, ready: true, ip: $"10.244.1.{name[1..]}");
    }

    [Fact]
    public void Only_changes_of_a_nodes_zone_cpu_or_readiness_concern_it()
    {
        TopologyHints.Concern(Node("n", "a", "4"), Make.Node("n", "4", labels: "topology.kubernetes.io/zone=a,other=label")).ShouldBeFalse();
        TopologyHints.Concern(Node("n", "a", "4"), Node("n", "b", "4")).ShouldBeTrue();
        TopologyHints.Concern(Node("n", "a", "4"), Node("n", "a", "8")).ShouldBeTrue();
        TopologyHints.Concern(Node("n", "a", "4"), Node("n", "a", "4", ready: "Unknown")).ShouldBeTrue();
        TopologyHints.Concern(Node("n", "a", "4"), null).ShouldBeTrue();
    }

    private static V1Node Node(string name, string zone, string cpu, string ready = "True") => Make.Node(name, cpu, labels: $"topology.kubernetes.io/zone={zone}", ready: ready);

    private static SortedDictionary<string, double> Even(params string[] zones) => new(zones.ToDictionary(zone => zone, _ => 1.0 / zones.Length), StringComparer.Ordinal);

    private static List<V1Endpoint> Endpoints(string zones) =>
        [.. zones.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(zone => new V1Endpoint { Zone = zone == "-" ? null : zone, Conditions = new V1EndpointConditions { Ready = true } })];

    private static string Hints(List<V1Endpoint> endpoints) => string.Join(' ', endpoints.Select(endpoint => endpoint.Hints?.ForZones.Single().Name ?? "-"));
}
