using ActorCluster.Controllers.Endpoints;
using ActorCluster.Controllers.Tests.Fakes;

namespace ActorCluster.Controllers.Tests.Endpoints;

public class EndpointsPlanTests
{
    [Fact]
    public void Ready_and_unready_pods_are_told_apart_and_terminating_ones_left_out()
    {
        var endpoints = EndpointsPlan.Of(Make.Service("web", "app=web"),
        [
            Make.Pod("b", "app=web", "n1", ready: true, ip: "10.244.1.3"),
            Make.Pod("a", "app=web", "n1", ready: true, ip: "10.244.1.2"),
            Make.Pod("sick", "app=web", "n1", ready: false, ip: "10.244.1.4"),
            Make.Pod("going", "app=web", "n1", ready: true, ip: "10.244.1.5", deleting: true),
        ], null).ShouldNotBeNull();
        var subset = endpoints.Subsets.ShouldHaveSingleItem();
        subset.Addresses.Select(a => a.Ip).ShouldBe(["10.244.1.2", "10.244.1.3"]);
        subset.NotReadyAddresses.Select(a => a.Ip).ShouldBe(["10.244.1.4"]);
        subset.Ports.ShouldHaveSingleItem().Port.ShouldBe(80);
        endpoints.Metadata.Labels[EndpointsPlan.ManagedByLabel].ShouldBe("endpoint-controller");
    }

    [Fact]
    public void What_is_there_already_is_not_written_again()
    {
        var service = Make.Service("web", "app=web");
        var pods = new[] { Make.Pod("a", "app=web", "n1", ready: true, ip: "10.244.1.2") };
        var present = EndpointsPlan.Of(service, pods, null);
        EndpointsPlan.Of(service, pods, present).ShouldBeNull();
        EndpointsPlan.Of(service, [], present)!.Subsets.ShouldBeNull();
    }

    [Fact]
    public void More_than_a_thousand_addresses_are_cut_the_unready_first()
    {
        var pods = Enumerable.Range(0, 1100).Select(i => Make.Pod($"p{i:d4}", "app=web", "n1", ready: i >= 300, ip: $"10.244.{i / 250}.{i % 250}")).ToList();
        var endpoints = EndpointsPlan.Of(Make.Service("web", "app=web"), pods, null)!;
        endpoints.Metadata.Annotations[EndpointsPlan.OverCapacityAnnotation].ShouldBe("truncated");
        endpoints.Subsets.Sum(s => s.Addresses.Count).ShouldBe(800);
        endpoints.Subsets.Sum(s => s.NotReadyAddresses.Count).ShouldBe(200);
    }
}
