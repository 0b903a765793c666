using System.Text.Json.Nodes;
using ActorCluster.Controllers.EndpointSliceMirroring;
using ActorCluster.Controllers.Tests.Cluster;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.EndpointSliceMirroring;

public class EndpointSliceMirroringTests : PatientTestKit
{
    [Fact]
    public async Task Custom_endpoints_are_mirrored_followed_and_forgotten()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(new V1Service { Metadata = new() { Name = "db", NamespaceProperty = "default" }, Spec = new() { Ports = [new() { Name = "sql", Port = 5432 }] } });
        await cluster.Client.CreateAsync(Endpoints("192.0.2.1"));
        await Until(cluster, "192.0.2.1 True 5432");
        await cluster.Client.PatchAsync<V1Endpoints>("default", "db",
            JsonNode.Parse("""{"subsets":[{"addresses":[{"ip":"192.0.2.7"}],"notReadyAddresses":[{"ip":"192.0.2.8"}],"ports":[{"name":"sql","port":5432,"protocol":"TCP"}]}]}""")!);
        await Until(cluster, "192.0.2.7 True 5432", "192.0.2.8 False 5432");
        await cluster.Client.DeleteAsync<V1Endpoints>("default", "db");
        await Until(cluster);
    }

    [Fact]
    public void Each_family_and_set_of_ports_has_a_slice_and_what_is_no_address_is_counted()
    {
        var endpoints = Endpoints("192.0.2.1", "2001:db8::1", "nonsense");
        endpoints.Metadata.Labels = new Dictionary<string, string> { ["tier"] = "data" };
        endpoints.Metadata.Annotations = new Dictionary<string, string> { ["kubectl.kubernetes.io/last-applied-configuration"] = "{}", ["mine"] = "kept" };
        var plan = MirrorPlan.Of(endpoints, []);
        plan.Create.Select(slice => $"{slice.AddressType} {slice.Endpoints.Single().Addresses.Single()}").ShouldBe(["IPv4 192.0.2.1", "IPv6 2001:db8::1"]);
        plan.Invalid.ShouldBe(1);
        plan.Create[0].Metadata.Labels["tier"].ShouldBe("data");
        plan.Create[0].Metadata.Annotations.Keys.ShouldBe(["mine"]);

        var again = MirrorPlan.Of(endpoints, plan.Create);
        (again.Create.Count, again.Update.Count, again.Delete.Count).ShouldBe((0, 0, 0));
        var moved = MirrorPlan.Of(Endpoints("192.0.2.2"), plan.Create);
        (moved.Create.Count, moved.Update.Single().Endpoints.Single().Addresses.Single(), moved.Delete.Single().AddressType).ShouldBe((0, "192.0.2.2", "IPv6"));
    }

    [Fact]
    public void Services_with_a_selector_leaders_and_those_that_say_no_are_not_mirrored()
    {
        var plain = new V1Service { Metadata = new(), Spec = new() };
        MirrorPlan.Wants(Endpoints(), plain).ShouldBeTrue();
        MirrorPlan.Wants(Endpoints(), null).ShouldBeFalse();
        MirrorPlan.Wants(Endpoints(), plain with { Spec = new() { Selector = new Dictionary<string, string> { ["a"] = "b" } } }).ShouldBeFalse();
        var skipped = Endpoints();
        skipped.Metadata.Labels = new Dictionary<string, string> { ["endpointslice.kubernetes.io/skip-mirror"] = "true" };
        MirrorPlan.Wants(skipped, plain).ShouldBeFalse();
        var leader = Endpoints();
        leader.Metadata.Annotations = new Dictionary<string, string> { ["control-plane.alpha.kubernetes.io/leader"] = "{}" };
        MirrorPlan.Wants(leader, plain).ShouldBeFalse();
    }

    private static V1Endpoints Endpoints(params string[] addresses) => new()
    {
        Metadata = new() { Name = "db", NamespaceProperty = "default" },
        Subsets = [new() { Addresses = [.. addresses.Select(ip => new V1EndpointAddress { Ip = ip })], Ports = [new() { Name = "sql", Port = 5432, Protocol = "TCP" }] }],
    };

    private static Task Until(TestCluster cluster, params string[] endpoints) => cluster.Api.UntilAsync(() =>
        cluster.Api.List<V1EndpointSlice>().Where(slice => slice.Metadata.Labels["kubernetes.io/service-name"] == "db")
            .SelectMany(slice => slice.Endpoints.Select(endpoint => $"{endpoint.Addresses.Single()} {endpoint.Conditions.Ready} {slice.Ports.Single().Port}"))
            .Order(StringComparer.Ordinal).SequenceEqual(endpoints));
}
