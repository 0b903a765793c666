using ActorCluster.Controllers.ServiceCidrs;
using ActorCluster.Controllers.Tests.Cluster;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.ServiceCidrs;

public class ServiceCidrTests : PatientTestKit
{
    [Fact]
    public async Task A_range_becomes_ready_gives_addresses_and_stays_while_a_service_has_one()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 0);
        await cluster.Client.CreateAsync(new V1ServiceCIDR { Metadata = new V1ObjectMeta { Name = "more" }, Spec = new V1ServiceCIDRSpec { Cidrs = ["10.200.0.0/24"] } });
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1ServiceCIDR>("", "more") is { } cidr && Ready(cidr) == "True" && cidr.Metadata.Finalizers?.Contains(ServiceCidrReconciler.Finalizer) == true);
        await cluster.Client.CreateAsync(Service("s", "10.200.0.7"));

        await cluster.Client.DeleteAsync<V1ServiceCIDR>("", "more");

        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1ServiceCIDR>("", "more") is { } cidr && Ready(cidr) == "False");
        cluster.Api.Find<V1ServiceCIDR>("", "more")!.Status.Conditions.Single().Reason.ShouldBe("Terminating");
    }

    [Fact]
    public async Task An_address_object_that_a_user_removed_is_made_again_and_one_without_a_service_goes()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 0);
        await cluster.Client.CreateAsync(Service("s", "10.96.0.77"));
        var first = await cluster.Client.GetAsync<V1IPAddress>("", "10.96.0.77");

        await cluster.Client.DeleteAsync<V1IPAddress>("", "10.96.0.77");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1IPAddress>("", "10.96.0.77") is { } made && made.Metadata.Uid != first!.Metadata.Uid && made.Spec.ParentRef.Name == "s");

        await cluster.Client.CreateAsync(new V1IPAddress
        {
            Metadata = new V1ObjectMeta { Name = "10.96.0.78", Labels = first!.Metadata.Labels },
            Spec = new V1IPAddressSpec { ParentRef = new V1ParentReference { Resource = "services", NamespaceProperty = "default", Name = "absent" } },
        });
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1IPAddress>("", "10.96.0.78") is null);
    }

    private static string? Ready(V1ServiceCIDR cidr) => cidr.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status;

    private static V1Service Service(string name, string address) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new V1ServiceSpec { ClusterIP = address, Ports = [new V1ServicePort { Port = 80 }], Selector = new Dictionary<string, string> { ["app"] = name } },
    };
}
