using ActorCluster.Controllers.Endpoints;
using ActorCluster.Controllers.EndpointSlices;
using ActorCluster.Controllers.Tests.Fakes;
using FsCheck;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.EndpointSlices;

public class EndpointSlicePlanTests
{
    private static readonly V1Node Node = Make.Node("n1", labels: "topology.kubernetes.io/zone=z1");

    private static EndpointSlicePlan Plan(V1Service service, IReadOnlyList<V1Pod> pods, params V1EndpointSlice[] existing) =>
        EndpointSlicePlan.Of(service, pods, existing, name => name == "n1" ? Node : null, [Node]);

    private static V1Pod Ready(int i) => Make.Pod($"p{i}", "app=web", "n1", ready: true, ip: $"10.244.1.{i}");

    [Fact]
    public void A_ready_pod_is_an_endpoint_with_its_node_zone_and_reference()
    {
        var slice = Plan(Make.Service("web", "app=web"), [Ready(5)]).Create.ShouldHaveSingleItem();
        slice.Metadata.Labels.ShouldBe(new Dictionary<string, string>
        {
            ["kubernetes.io/service-name"] = "web",
            ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io",
        }, ignoreOrder: true);
        slice.Metadata.OwnerReferences.ShouldHaveSingleItem().Uid.ShouldBe("uid-of-web");
        var endpoint = slice.Endpoints.ShouldHaveSingleItem();
        endpoint.Addresses.ShouldBe(["10.244.1.5"]);
        (endpoint.NodeName, endpoint.Zone, endpoint.TargetRef.Name).ShouldBe(("n1", "z1", "p5"));
        (endpoint.Conditions.Ready, endpoint.Conditions.Serving, endpoint.Conditions.Terminating).ShouldBe((true, true, false));
    }

    [Fact]
    public void A_service_of_two_families_has_slices_of_each_with_the_pods_addresses_of_that_family()
    {
        var pods = Enumerable.Range(1, 2).Select(DualStack).ToArray();
        var service = Make.Service("web", "app=web");
        service.Spec.IpFamilies = ["IPv6", "IPv4"];
        var plan = Plan(service, pods);
        plan.Create.Select(s => $"{s.AddressType}: {string.Join(' ', s.Endpoints.SelectMany(e => e.Addresses))}").ShouldBe(["IPv6: fd00::1 fd00::2", "IPv4: 10.244.1.1 10.244.1.2"]);
        // A pod of one family is an endpoint for that family alone, and a family that is given up takes its slices with it.
        Plan(service, [Ready(9)]).Create.Select(s => (s.AddressType, s.Endpoints.Count)).ShouldBe([("IPv6", 0), ("IPv4", 1)]);
        service.Spec.IpFamilies = ["IPv6"];
        foreach (var slice in plan.Create) slice.Metadata.Name = slice.AddressType;
        var less = Plan(service, pods, [.. plan.Create]);
        (less.Create.Count, less.Update.Count, less.Delete.Single().AddressType).ShouldBe((0, 0, "IPv4"));
    }

    [Fact]
    public void Endpoints_have_the_services_first_family()
    {
        var service = Make.Service("web", "app=web");
        service.Spec.IpFamilies = ["IPv6", "IPv4"];
        EndpointsPlan.Of(service, [DualStack(1)], null)!.Subsets.Single().Addresses.Single().Ip.ShouldBe("fd00::1");
        service.Spec.IpFamilies = ["IPv4", "IPv6"];
        EndpointsPlan.Of(service, [DualStack(1)], null)!.Subsets.Single().Addresses.Single().Ip.ShouldBe("10.244.1.1");
    }

    private static V1Pod DualStack(int i)
    {
        var pod = Ready(i);
        pod.Status.PodIPs.Add(new V1PodIP { Ip = $"fd00::{i}" });
        return pod;
    }

    [Fact]
    public void Terminating_pods_keep_serving_but_are_not_ready_and_finished_or_addressless_ones_are_left_out()
    {
        V1Pod[] pods =
        [
            Make.Pod("going", "app=web", "n1", ready: true, ip: "10.244.1.1", deleting: true),
            Make.Pod("sick", "app=web", "n1", ready: false, ip: "10.244.1.2"),
            Make.Pod("done", "app=web", "n1", phase: "Succeeded", ip: "10.244.1.3"),
            Make.Pod("starting", "app=web", "n1"),
        ];
        var endpoints = Plan(Make.Service("web", "app=web"), pods).Create.Single().Endpoints.ToDictionary(e => e.TargetRef.Name, e => e.Conditions);
        endpoints.Keys.ShouldBe(["going", "sick"], ignoreOrder: true);
        (endpoints["going"].Ready, endpoints["going"].Serving, endpoints["going"].Terminating).ShouldBe((false, true, true));
        (endpoints["sick"].Ready, endpoints["sick"].Serving).ShouldBe((false, false));
        var publish = Make.Service("web", "app=web");
        publish.Spec.PublishNotReadyAddresses = true;
        Plan(publish, pods).Create.Single().Endpoints.ShouldAllBe(e => e.Conditions.Ready == true);
    }

    [Fact]
    public void Named_ports_are_looked_up_in_each_pod_so_that_pods_with_different_ports_have_slices_of_their_own()
    {
        var service = Make.Service("web", "app=web", ports: new V1ServicePort { Name = "http", Port = 80, TargetPort = "web" });
        V1Pod[] pods = [Ready(1), Ready(2)];
        pods[0].Spec.Containers[0].Ports = [new V1ContainerPort { Name = "web", ContainerPort = 8080 }];
        pods[1].Spec.Containers[0].Ports = [new V1ContainerPort { Name = "web", ContainerPort = 9090 }];
        Plan(service, pods).Create.Select(s => (s.Ports.Single().Port, s.Endpoints.Single().TargetRef.Name)).ShouldBe([(8080, "p1"), (9090, "p2")], ignoreOrder: true);
    }

    [Fact]
    public void A_service_without_pods_has_one_empty_slice_that_is_not_written_twice()
    {
        var service = Make.Service("web", "app=web", clusterIp: "None");
        var empty = Plan(service, []).Create.ShouldHaveSingleItem();
        empty.Endpoints.ShouldBeEmpty();
        empty.Metadata.Labels.ShouldContainKey("service.kubernetes.io/headless");
        Named(empty, "s1");
        var again = Plan(service, [], empty);
        (again.Create.Count, again.Update.Count, again.Delete.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void The_empty_slice_becomes_the_one_of_the_first_pods_and_their_last_slice_the_empty_one()
    {
        var service = Make.Service("web", "app=web");
        var empty = Plan(service, []).Create.ShouldHaveSingleItem();
        empty.Metadata.Name = "web-1";

        var first = Plan(service, [Ready(5)], empty);
        (first.Create.Count, first.Delete.Count).ShouldBe((0, 0));
        var full = first.Update.ShouldHaveSingleItem();
        (full.Metadata.Name, full.Ports.Count, full.Endpoints.Count).ShouldBe(("web-1", 1, 1));

        var last = Plan(service, [], full);
        (last.Create.Count, last.Delete.Count).ShouldBe((0, 0));
        var left = last.Update.ShouldHaveSingleItem();
        (left.Metadata.Name, left.Ports.Count, left.Endpoints.Count).ShouldBe(("web-1", 0, 0));
    }

    [Fact]
    public void A_pod_on_a_node_that_is_not_known_waits()
    {
        var plan = Plan(Make.Service("web", "app=web"), [Make.Pod("p", "app=web", "n9", ready: true, ip: "10.244.9.1")]);
        plan.MissingNodes.ShouldBeTrue();
        plan.Create.Single().Endpoints.ShouldBeEmpty();
    }

    [Fact]
    public void Hints_follow_the_traffic_distribution()
    {
        var service = Make.Service("web", "app=web");
        service.Spec.TrafficDistribution = "PreferSameNode";
        var hints = Plan(service, [Ready(1)]).Create.Single().Endpoints.Single().Hints;
        hints.ForZones.Single().Name.ShouldBe("z1");
        hints.ForNodes.Single().Name.ShouldBe("n1");
    }

    [Fact]
    public void Slices_of_another_owner_of_the_same_name_are_replaced()
    {
        var service = Make.Service("web", "app=web");
        var old = Named(Plan(service, [Ready(1)]).Create.Single(), "s1");
        service.Metadata.Uid = "uid-of-the-next-web";
        var plan = Plan(service, [Ready(1)], old);
        plan.Delete.ShouldBe([old]);
        plan.Create.ShouldHaveSingleItem().Endpoints.Count.ShouldBe(1);
    }

    /// <summary>Random pods come and go; after each plan the slices hold exactly the pods, none is overfull, and nothing is left to do.</summary>
    [Property(MaxTest = 40)]
    public void Slices_hold_every_endpoint_once_and_at_most_a_hundred_and_a_second_look_changes_nothing(NonNegativeInt[] counts)
    {
        var service = Make.Service("web", "app=web");
        Dictionary<string, V1EndpointSlice> slices = [];
        var names = 0;
        foreach (var count in counts.Take(6))
        {
            var first = count.Get % 70;
            var pods = Enumerable.Range(first, count.Get * 37 % 350).Select(i =>
                Make.Pod($"p{i}", "app=web", "n1", ready: (i + count.Get) % 3 != 0, ip: $"10.244.{i / 250}.{i % 250}")).ToList();
            var plan = Plan(service, pods, [.. slices.Values]);
            foreach (var slice in plan.Create) slices.Add($"s{names}", Named(slice, $"s{names++}"));
            foreach (var slice in plan.Update) slices[slice.Metadata.Name] = slice;
            foreach (var slice in plan.Delete) slices.Remove(slice.Metadata.Name).ShouldBeTrue();

            slices.Values.ShouldAllBe(slice => slice.Endpoints.Count <= 100);
            slices.Values.SelectMany(s => s.Endpoints).Select(e => (e.TargetRef.Name, e.Conditions.Ready)).Order()
                .ShouldBe(pods.Select(p => (p.Metadata.Name, (bool?)(p.Status.Conditions[0].Status == "True"))).Order());
            var again = Plan(service, pods, [.. slices.Values]);
            (again.Create.Count, again.Update.Count, again.Delete.Count).ShouldBe((0, 0, 0));
        }
    }

    [Fact]
    public void One_more_pod_touches_one_slice()
    {
        var service = Make.Service("web", "app=web");
        var pods = Enumerable.Range(0, 150).Select(Ready).ToList();
        var slices = Plan(service, pods).Create.Select((s, i) => Named(s, $"s{i}")).ToArray();
        slices.Length.ShouldBe(2);
        var plan = Plan(service, [.. pods, Ready(200)], slices);
        plan.Update.ShouldHaveSingleItem().Endpoints.Count.ShouldBe(51);
        plan.Create.ShouldBeEmpty();
    }

    private static V1EndpointSlice Named(V1EndpointSlice slice, string name)
    {
        slice.Metadata.Name = name;
        return slice;
    }
}
